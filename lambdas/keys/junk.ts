import { createHash, randomBytes } from 'node:crypto';
import { junkOf, NO_BATCH } from '../../domain/enrolment/relay.ts';
import type { RefusalReason } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { concentratorThing } from '../../topology/device-access.ts';
import type { Counters } from '../middleware/counters.ts';
import { keepingCutOff } from '../shared/devices/kept-standing.ts';
import { type Relays, runRelay } from '../shared/devices/relays.ts';
import { tellQuarantine } from '../shared/devices/tell-quarantine.ts';
import { Grouped } from '../shared/grouped.ts';

/** A message as the gateway handed it over. */
export interface Arrival {
  /** By the connection's certificate. */
  readonly dcId: string;
  /** UTC ms. */
  readonly brokerTime: number;
  readonly bytes: Buffer;
}

interface Junk extends Arrival {
  readonly reason: RefusalReason;
}

const RAW_LIMIT = 512;
const GROUP = 32;
const REPORT_EVERY = 60_000;

/** By reason. */
type Counts = Partial<Record<RefusalReason, number>>;

/** Records under `relay/<dcId>` what a concentrator brought that names no meter of ours or goes beyond all bounds. */
export class JunkLedger {
  readonly #platform: Platform;
  readonly #counters: Counters;
  readonly #relays: Relays;
  readonly #groups: Grouped<Junk>;
  /** Per concentrator: what the stream has not recorded singly, until the next summary. */
  readonly #beyond = new Map<string, Counts>();
  readonly #floods = new Map<string, { messages: number; reportedAt: number }>();

  constructor(platform: Platform, counters: Counters, relays: Relays) {
    this.#platform = platform;
    this.#counters = counters;
    this.#relays = relays;
    this.#groups = new Grouped(GROUP, (dcId, items) => this.#count(dcId, items));
  }

  /**
   * Counts one message, once however often the queue delivers it, and resolves when that is durable; beyond the relay's share of
   * a day it goes into an hourly summary, which a worker that ends takes along.
   */
  note(arrival: Arrival, reason: RefusalReason): Promise<void> {
    return this.#groups.add(arrival.dcId, { ...arrival, reason });
  }

  /** A message beyond the concentrator's bucket: reported once a minute; who goes on is cut off by the gateway. */
  async flood(dcId: string, at: number): Promise<void> {
    const flood = this.#floods.get(dcId) ?? { messages: 0, reportedAt: Number.NEGATIVE_INFINITY };
    this.#floods.set(dcId, flood);
    flood.messages += 1;
    if (at - flood.reportedAt < REPORT_EVERY) return;
    const frames = flood.messages;
    flood.messages = 0;
    flood.reportedAt = at;
    const command = { type: 'ReportFlood' as const, frames, at };
    const kept = keepingCutOff(this.#platform, 'relay', dcId);
    const { state, events } = await runRelay(this.#platform, dcId, command, this.#relays, kept);
    if (state.standing === 'quarantined') await this.#platform.devices.setQuarantined(concentratorThing(dcId), true);
    const told = { log: this.#platform.log, counters: this.#counters };
    for (const { type, data } of events) if (type === 'RelayQuarantined') tellQuarantine(told, data.reason);
  }

  async #count(dcId: string, items: readonly Junk[]): Promise<void> {
    const commands = items.map(({ brokerTime, bytes, reason }) => ({
      type: 'CountJunk' as const,
      batch: { dcId, sequence: NO_BATCH, digest: digestOf(brokerTime, bytes) },
      brokerTime,
      counts: { [reason]: 1 } as Counts,
      hashes: [createHash('sha256').update(bytes).digest()],
      raws: bytes.length <= RAW_LIMIT ? [bytes] : [],
    }));
    const { state } = await runRelay(this.#platform, dcId, commands, this.#relays);
    await this.#sumUp(
      dcId,
      commands.filter(({ batch }) => junkOf(state, batch) === undefined).map(({ counts }) => counts),
    );
  }

  async #sumUp(dcId: string, unrecorded: readonly Counts[]): Promise<void> {
    const counts = this.#beyond.get(dcId) ?? {};
    for (const more of unrecorded) addTo(counts, more);
    if (Object.keys(counts).length === 0) return;
    this.#beyond.delete(dcId);
    const batch = { dcId, sequence: NO_BATCH, digest: randomBytes(8) };
    const command = { type: 'SumUpHandshakes' as const, batch, counts, at: this.#platform.clock.now() };
    const { events } = await runRelay(this.#platform, dcId, command, this.#relays);
    if (events.length > 0) return;
    const meanwhile = this.#beyond.get(dcId);
    if (meanwhile !== undefined) addTo(counts, meanwhile);
    this.#beyond.set(dcId, counts);
  }
}

function addTo(counts: Counts, more: Counts): void {
  for (const [reason, count] of Object.entries(more)) counts[reason as RefusalReason] = (counts[reason as RefusalReason] ?? 0) + count;
}

/** 8 bytes that stand for this very message: the same bytes sent again later are another one. */
function digestOf(brokerTime: number, bytes: Buffer): Buffer {
  return createHash('sha256').update(`${brokerTime}\0`).update(bytes).digest().subarray(0, 8);
}
