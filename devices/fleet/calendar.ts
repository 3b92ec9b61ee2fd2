import { Temporal } from 'temporal-polyfill';

const HOUR_MS = 3_600_000;

/** What the people in a town live by. */
export interface LocalTime {
  /** Days since 1970-01-01, local. */
  readonly day: number;
  readonly dayOfYear: number;
  /** 1 = Monday. */
  readonly weekday: number;
  /** Hours since local midnight by the clock on the wall, [0, 24). */
  readonly hour: number;
}

/** The first local midnight at or after an instant (UTC ms), and so many days on. Where the clock jumps over midnight, the day's first instant. */
export function midnightFrom(instant: number, zone: string, days = 0): number {
  const at = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  const day = at.startOfDay().epochMilliseconds === instant ? at.toPlainDate() : at.toPlainDate().add({ days: 1 });
  return day.add({ days }).toZonedDateTime(zone).epochMilliseconds;
}

/** Local time of an IANA zone; its offset is looked up once per UTC hour. */
export class Calendar {
  readonly #zone: string;
  readonly #offsets = new Map<number, number>();

  constructor(zone: string) {
    this.#zone = zone;
  }

  /** Minutes east of Greenwich. @param instant UTC ms */
  offset(instant: number): number {
    const hour = Math.floor(instant / HOUR_MS);
    const known = this.#offsets.get(hour);
    if (known !== undefined) return known;
    const zoned = Temporal.Instant.fromEpochMilliseconds(hour * HOUR_MS).toZonedDateTimeISO(this.#zone);
    const offset = zoned.offsetNanoseconds / 60e9;
    if (this.#offsets.size > 1_000) this.#offsets.clear();
    this.#offsets.set(hour, offset);
    return offset;
  }

  /** @param instant UTC ms */
  local(instant: number): LocalTime {
    const local = instant + this.offset(instant) * 60_000;
    const day = Math.floor(local / 86_400_000);
    const newYear = Date.UTC(new Date(local).getUTCFullYear(), 0, 1) / 86_400_000;
    return { day, dayOfYear: day - newYear + 1, weekday: ((day + 3) % 7) + 1, hour: (local - day * 86_400_000) / HOUR_MS };
  }
}
