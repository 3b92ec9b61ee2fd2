import { type BillState, bill } from '../../domain/billing/bill.ts';
import type { BillCommand } from '../../domain/billing/bill-command.ts';
import { decodeEvents, encodeEvents } from '../../events/codec.ts';
import { type AssetRecord, type BillEvent, type DomainEvent, JoulekeepError, SLOT_SOURCES } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import type { BilledPoint, BillingSources, DayPlace, RecordedDay } from '../../lambdas/billing/sources.ts';
import { TariffLibrary } from '../../lambdas/billing/tariff-library.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { LONDON } from './given-period.ts';

const CHANNEL = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: 0 } as const;
export const ASSET: AssetRecord = { intervalMinutes: 30, channels: [CHANNEL], fuseW: 23_000, zone: LONDON, areaLeaf: 'a' };
export const SOLAR: AssetRecord = { ...ASSET, channels: [CHANNEL, { ...CHANNEL, obis: '1-0:2.8.0', direction: 'export' }] };

/** UTC ms of a local time in London. */
export function london(date: string, hour = 0): number {
  return (localDay(date, LONDON).start + hour * 3600) * 1000;
}

/** The rest of the service, in memory: what billing asks for, and what it recorded. */
export class BillingWorld implements BillingSources {
  readonly world = new MemoryWorld({ now: london('2013-07-06', 9) });
  readonly clock = this.world.clock;
  readonly points = new Map<string, BilledPoint>();
  readonly recorded = new Map<string, RecordedDay>();
  readonly log = new Map<string, DomainEvent[]>();
  /** What a day has that nobody changed: Wh of each channel in each slot, final, revision 1. */
  usual: readonly number[] = [100, 0];

  home(usagePoint: string, more: Partial<BilledPoint> = {}): BilledPoint {
    const point: BilledPoint = {
      usagePoint,
      zone: LONDON,
      meterClass: 'residential',
      installations: [{ meterId: `m-${usagePoint}`, from: 0, asset: ASSET }],
      tenancy: [{ subject: `a-${usagePoint}`, from: 0 }],
      tariffs: [{ tariff: 'flat', from: '2013-01-01' }],
      stays: new Map(),
      ...more,
    };
    this.points.set(usagePoint, point);
    return point;
  }

  /** Prices are texts, e.g. `0.1`. */
  async publish(id: string, from: string, perKWh: string, more: object = {}): Promise<void> {
    const charge = { kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh } };
    const text = JSON.stringify({ id, name: id, currency: 'GBP', from, charges: [charge], ...more });
    await publishTariff(this.world.as('operator-cli'), { file: `${id}.json`, text }, new Map());
  }

  /** Another value in every slot of a day. */
  restate(stream: string, values: readonly number[], more: Partial<RecordedDay> = {}): void {
    const before = this.recorded.get(stream)?.revision ?? 1;
    const place = this.#places.get(stream);
    if (place === undefined) throw new Error(`${stream} was never asked for`);
    this.recorded.set(stream, { ...this.#day(place, values), revision: before + 1, ...more });
  }

  async point(usagePoint: string): Promise<BilledPoint> {
    const point = this.points.get(usagePoint);
    if (point === undefined) throw new JoulekeepError('ERR_POINT_UNKNOWN', usagePoint);
    return point;
  }

  readonly #places = new Map<string, DayPlace>();
  async days(places: readonly DayPlace[]): Promise<readonly (RecordedDay | undefined)[]> {
    return places.map((place) => {
      this.#places.set(place.stream, place);
      return this.recorded.get(place.stream) ?? this.#day(place, this.usual);
    });
  }

  tariff(id: string) {
    return new TariffLibrary(this.world.as('operator-cli')).versions(id);
  }

  async bill(stream: string): Promise<BillState> {
    return (this.log.get(stream) ?? []).reduce(bill.evolve, bill.initial);
  }

  async record(stream: string, _account: string, command: BillCommand): Promise<{ events: readonly BillEvent[]; state: BillState }> {
    const events = bill.decide(command, await this.bill(stream));
    if (events.length > 0) this.log.set(stream, [...(this.log.get(stream) ?? []), ...decodeEvents(encodeEvents(events))]);
    return { events, state: await this.bill(stream) };
  }

  async firstDays(account: string, usagePoint: string): Promise<readonly string[]> {
    const prefix = `bill/${account}/${usagePoint}.`;
    return [...this.log.keys()]
      .filter((stream) => stream.startsWith(prefix))
      .map((stream) => stream.slice(prefix.length))
      .sort();
  }

  #day({ start, end, minutes, channels }: DayPlace, values: readonly number[]): RecordedDay {
    const slots = (end - start) / (minutes * 60);
    const measured = new Uint8Array(slots).fill(SLOT_SOURCES.indexOf('measured'));
    return {
      final: true,
      held: false,
      revision: 1,
      channels: channels.map((asset, i) => ({
        asset,
        perCount: 1,
        counts: new Uint32Array(slots).fill(values[i] ?? 0),
        sources: measured,
      })),
    };
  }
}
