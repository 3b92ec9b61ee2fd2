import { meter } from '../../domain/enrolment/meter.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { NewItem, ReadTable, UpTo } from '../../platform/ports/read-models.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import { foldRelay } from '../shared/devices/relays.ts';
import { foldStream } from '../shared/streams.ts';
import { Turns } from '../shared/turns.ts';
import { commitGroups } from './commit-groups.ts';
import { jsonKind } from './item-changes.ts';

/** Devices that are cut off, by thing, all in the partition `devices`: since when, and why. No values, no customer. */
export const QUARANTINES = 'quarantines';

/** Tables that are made from streams of meters and concentrators. */
export const DEVICE_TABLES = [QUARANTINES] as const;

export type DeviceTables = Readonly<Record<(typeof DEVICE_TABLES)[number], ReadTable>>;

export interface Quarantine {
  /** As the stream has it. */
  readonly reason: string;
  /** UTC ms. */
  readonly since: number;
}

export const QUARANTINE_KIND = jsonKind<Quarantine>();
/** Partition of the devices. */
export const CUT_OFF = 'devices';

export const METER_STREAMS = 'meter/';
export const RELAY_STREAMS = 'relay/';

const THROUGH = 'through';
const COMMITS_AT_ONCE = 64;
const STANDING: ReadonlySet<DomainEvent['type']> = new Set([
  'MeterQuarantined',
  'MeterReleased',
  'MeterRetired',
  'RelayQuarantined',
  'RelayReleased',
]);

/** Streams of devices into a list of those that are cut off. Read on from where the table is; only who was cut off or let in is folded. */
export class DeviceProjection {
  readonly #platform: Platform;
  readonly #tables: DeviceTables;
  readonly #turns = new Turns();

  constructor(platform: Platform, tables: DeviceTables) {
    this.#platform = platform;
    this.#tables = tables;
  }

  /** Resolves when every commit of the stream that begins at or before `to` is in the table. */
  follow(stream: string, to: number): Promise<void> {
    return this.#turns.run(stream, () => this.#follow(stream, to));
  }

  async #follow(stream: string, to: number): Promise<void> {
    const { [QUARANTINES]: table } = this.#tables;
    const [known] = await table.takeUp([{ partition: THROUGH, sort: stream }]);
    const after = known?.upTo.version ?? -1;
    if (after >= to) return;
    const seen = await this.#seen(stream, after, to);
    if (seen === undefined) return;
    const { version, isAmended } = seen;
    const items = isAmended || after < 0 ? await this.#items(stream, isAmended) : [];
    await table.put([...items, { partition: THROUGH, sort: stream, upTo: { stream, version }, value: Buffer.alloc(0) }]);
  }

  /** @returns up to where the stream was read, and whether somebody was cut off or let in; undefined where nothing was there */
  async #seen(stream: string, after: number, to: number): Promise<{ version: number; isAmended: boolean } | undefined> {
    let version: number | undefined;
    let isAmended = false;
    for await (const commits of commitGroups(this.#platform.events, { stream, after, to }, COMMITS_AT_ONCE)) {
      version = commits.at(-1)!.head.version;
      isAmended ||= commits.some(({ events }) => events.some(({ type }) => STANDING.has(type)));
    }
    return version === undefined ? undefined : { version, isAmended };
  }

  /** A device that is not cut off and never was has no item. What of a stream is not kept any more stands in its fold. */
  async #items(stream: string, isAmended: boolean): Promise<NewItem[]> {
    const { thing, upTo, quarantine } = await this.#fold(stream);
    if (quarantine === undefined && !isAmended) return [];
    return [{ partition: CUT_OFF, sort: thing, upTo, value: quarantine && QUARANTINE_KIND.write(quarantine) }];
  }

  async #fold(stream: string): Promise<{ thing: string; upTo: UpTo; quarantine: Quarantine | undefined }> {
    if (stream.startsWith(RELAY_STREAMS)) {
      const dcId = stream.slice(RELAY_STREAMS.length);
      const { state, head } = await foldRelay(this.#platform, dcId);
      const quarantine = state.standing === 'quarantined' ? { reason: state.reason, since: state.since } : undefined;
      return { thing: concentratorThing(dcId), upTo: { stream, version: head.version }, quarantine };
    }
    const { state, head } = await foldStream(this.#platform.events, stream, meter);
    const quarantine = state.status === 'quarantined' ? { reason: state.reason, since: state.since } : undefined;
    return { thing: meterThing(stream.slice(METER_STREAMS.length)), upTo: { stream, version: head.version }, quarantine };
  }
}
