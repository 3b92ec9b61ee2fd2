import type { IngestView } from '../../api/console.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import { type HeardBy, hourOfDay, INTAKE, INTAKE_KIND, MEMBERS, type RelayDay, relayPartition } from '../project/intake.ts';
import { JUNK, JUNK_KIND } from '../project/relay-projection.ts';
import { localDay, localDayAt, plusDays } from '../shared/days/local-days.ts';
import { endsOf } from '../shared/devices/certificate-ends.ts';
import type { ConsoleDesk } from './desk.ts';
import { addToLayers } from './refusal-layers.ts';

type Concentrator = IngestView['concentrators'][number];
type DayRow = Concentrator['days'][number];

const PAGE = 100;
const DAYS = 28;
const HOUR_MS = 3_600_000;
const LIST = 'ingest';

/** The days of the window, and in which of them each hour lies: by its begin, UTC ms. */
interface Window {
  readonly days: readonly string[];
  readonly dayOf: ReadonlyMap<number, string>;
  /** UTC dates; `until` is not among them. */
  readonly from: string;
  readonly until: string;
}

/** What came through each concentrator. @throws ERR_CURSOR_REFUSED */
export async function showIngest(desk: ConsoleDesk, { caller, query }: Call<'showIngest'>): Promise<Answer> {
  const after = query.cursor === undefined ? '' : (await openCursor<{ dcId: string }>(desk.kms, caller.person, LIST, query.cursor)).dcId;
  const found = await concentratorsBehind(desk, after);
  const page = found.slice(0, PAGE);
  const window = windowTo(desk.clock.now());
  const [ends, passed] = await Promise.all([
    endsOf(desk.directory, page.map(concentratorThing)),
    Promise.all(page.map((dcId) => passedThrough(desk, dcId, window))),
  ]);
  const heard = await metersHeard(desk, new Set(passed.flatMap(({ segments }) => [...segments])));
  const body: IngestView = {
    asOf: instant(desk.clock.now()),
    zone: AREA_ZONE,
    concentrators: page.map((dcId, i) => {
      const { days, failures, seen } = passed[i]!;
      const certificateUntil = instantOrNull(ends[i]?.notAfter);
      return { dcId, meters: heard.get(dcId) ?? 0, lastSeen: seen === 0 ? null : instant(seen), certificateUntil, days, failures };
    }),
  };
  if (found.length <= PAGE) return { body };
  return { body: { ...body, cursor: await sealCursor(desk.kms, caller.person, LIST, { dcId: page.at(-1)! }) } };
}

/** One more than a page has. */
async function concentratorsBehind({ events }: Platform, after: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const stream of events.streams('relay/')) {
    const dcId = stream.slice('relay/'.length);
    if (dcId > after) found.push(dcId);
    if (found.length > PAGE) break;
  }
  return found;
}

async function passedThrough({ models }: ConsoleDesk, dcId: string, window: Window) {
  const rows = new Map<string, DayRow>(window.days.map((day) => [day, { day, accepted: 0, duplicate: 0, quarantined: 0, refused: 0 }]));
  const rowAt = (date: string, hour: string) => rows.get(window.dayOf.get(Date.parse(date) + Number(hour) * HOUR_MS) ?? '');
  const failures = { transport: 0, crypto: 0, schema: 0, vee: 0 };
  const segments = new Set<string>();
  let seen = 0;
  for await (const { sort, value } of models.table(INTAKE).range(relayPartition(dcId), window.from, window.until)) {
    const [date, segment] = sort.split('/') as [string, string];
    const day = INTAKE_KIND.read(value) as RelayDay;
    segments.add(segment);
    seen = Math.max(seen, day.seen);
    for (const [hour, counts] of Object.entries(day.hours)) {
      const row = rowAt(date, hour);
      if (row === undefined) continue;
      row.accepted += counts.accepted;
      row.duplicate += counts.duplicate;
      row.quarantined += counts.quarantined;
      row.refused += sumOf(counts.refused);
      failures.vee += counts.faulty;
      for (const reasons of [counts.held, counts.refused]) addToLayers(failures, reasons);
    }
  }
  for await (const { sort: date, value } of models.table(JUNK).range(relayPartition(dcId), window.from, window.until)) {
    for (const [hour, counts] of Object.entries(JUNK_KIND.read(value).frames)) {
      const row = rowAt(date, hour);
      if (row === undefined) continue;
      row.refused += sumOf(counts);
      addToLayers(failures, counts);
    }
  }
  return { days: [...rows.values()], failures, segments, seen };
}

/** How many meters each concentrator is assigned to hear, in segments that it has brought anything for. */
async function metersHeard({ models }: ConsoleDesk, segments: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const heard = new Map<string, number>();
  const items = await models.table(INTAKE).getMany([...segments].map((sort) => ({ partition: MEMBERS, sort })));
  for (const item of items) {
    if (item === undefined) continue;
    for (const relays of Object.values((INTAKE_KIND.read(item.value) as HeardBy).meters))
      for (const dcId of relays) heard.set(dcId, (heard.get(dcId) ?? 0) + 1);
  }
  return heard;
}

/** An hour in which the local day changes belongs to the day in which it begins. */
function windowTo(now: number): Window {
  const today = localDayAt(Math.floor(now / 1000), AREA_ZONE).day;
  const days = Array.from({ length: DAYS }, (_, i) => plusDays(today, i - DAYS + 1));
  const dayOf = new Map<number, string>();
  for (const day of days) {
    const { start, end } = localDay(day, AREA_ZONE);
    for (let at = Math.ceil((start * 1000) / HOUR_MS) * HOUR_MS; at < end * 1000; at += HOUR_MS) dayOf.set(at, day);
  }
  const hours = [...dayOf.keys()];
  return { days, dayOf, from: hourOfDay(hours[0]!).date, until: plusDays(hourOfDay(hours.at(-1)!).date, 1) };
}

function sumOf(counts: Readonly<Partial<Record<string, number>>>): number {
  return Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0);
}
