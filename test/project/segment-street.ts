import { createHash } from 'node:crypto';
import { BatchDecision } from '../../domain/telemetry/batch-decision.ts';
import { foldCommit, noteCommit } from '../../domain/telemetry/fold.ts';
import { decideMembership, type SegmentCommand } from '../../domain/telemetry/membership.ts';
import { emptyFrame, readRecord } from '../../domain/telemetry/opened-frame.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import type { AssetRecord, DomainEvent, SegmentEvent } from '../../events/index.ts';
import { type UsageSoFar, usageSoFar } from '../../lambdas/project/usage-pages.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import type { MeterPoint } from '../../lambdas/shared/days/points.ts';
import { writeCheckpoint } from '../../lambdas/shared/retained/checkpoints.ts';
import type { Arrival } from '../../platform/embedded/event-database.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';

export const MIDNIGHT = Date.UTC(2026, 0, 15);

/** Import and export of a home with panels, a tariff register that must not be added to the total, and reactive energy. */
export const PANELS: AssetRecord = {
  ...HOME,
  channels: [
    HOME.channels[0]!,
    { ...HOME.channels[0]!, obis: '1-0:2.8.0', direction: 'export' },
    { ...HOME.channels[0]!, obis: '1-0:1.8.1' },
    { ...HOME.channels[0]!, obis: '1-0:3.8.0', unit: 'varh' },
  ],
};

export interface Sent {
  readonly meter: number;
  readonly channel: number;
  /** Number of the last slot since MIDNIGHT, from 1. */
  readonly slot: number;
  /** Oldest first; undefined = measured none. */
  readonly values: readonly (number | undefined)[];
}

interface Segment {
  readonly state: SegmentState;
  head: StreamHead | undefined;
}

export function meterId(meter: number): string {
  return `0a0b0c${meter.toString(16).padStart(10, '0')}`;
}

/** UTC s of the end of a slot. */
export function endOf(slot: number): number {
  return (MIDNIGHT + slot * QUARTER_MS) / 1000;
}

/** Segments of a few meters as ingest would have written them, without keys and seals. */
export class SegmentStreet {
  readonly world = new MemoryWorld({ now: MIDNIGHT + 300 * QUARTER_MS });
  readonly arrivals: Arrival[] = [];
  readonly #segments = new Map<string, Segment>();
  readonly #where = new Map<number, string>();
  readonly #decision = new BatchDecision(defencesUnderTest());
  #counter = 0;

  async join(meter: number, segment: string, asset: AssetRecord = HOME, at = MIDNIGHT): Promise<void> {
    const relays = [{ dcId: 'one', from: 0 }];
    await this.#ask(segment, { type: 'JoinMeter', meterId: meterId(meter), asset, relays, at });
    this.#where.set(meter, segment);
  }

  async amend(meter: number, change: { readonly asset?: AssetRecord; readonly status?: 'retired' }, at = MIDNIGHT): Promise<void> {
    await this.#ask(this.where(meter), { type: 'AmendMember', meterId: meterId(meter), ...change, at });
  }

  async move(meter: number, to: string, at: number): Promise<void> {
    const from = this.where(meter);
    if (from === to) return;
    const [left] = await this.#ask(from, { type: 'LeaveMeter', meterId: meterId(meter), toSegment: to, at });
    if (left?.type !== 'MeterLeft') throw new Error('the meter did not leave');
    const { asset, relays } = this.#member(from, left.data.meterId);
    const came = { segment: from, chainHead: this.#segment(from).head!.hash, state: left.data.state };
    await this.#ask(to, { type: 'JoinMeter', meterId: meterId(meter), asset, relays, at, from: came });
    this.#where.set(meter, to);
  }

  where(meter: number): string {
    return this.#where.get(meter)!;
  }

  /** One batch of a concentrator: one commit per segment that a frame of it belongs to. */
  async deliver(...frames: readonly Sent[]): Promise<void> {
    for (const segment of new Set(frames.map(({ meter }) => this.where(meter)))) {
      await this.#decide(
        segment,
        frames.filter(({ meter }) => this.where(meter) === segment),
      );
    }
  }

  /** Puts a meter at a usage point, or corrects whose it is. @param cuts whose it is from which slot on */
  async install(meter: number, cuts: readonly (readonly [string, number])[], zone = 'Europe/London'): Promise<void> {
    const tenancy = cuts.map(([subject, slot]) => ({ subject, from: MIDNIGHT + slot * QUARTER_MS }));
    const at = { usagePoint: `up-${meter}`, zone, areaLeaf: 'area-1', meterClass: 'residential' as const, tariffs: [], multipliers: [] };
    const point: MeterPoint = { ...at, installed: [{ from: MIDNIGHT - 86_400_000, asset: HOME }], tenancy };
    await this.world.directory.put([{ key: `point-of/${meterId(meter)}`, value: Buffer.from(JSON.stringify([point])) }]);
  }

  /** What `usageSoFar` answers. @param subject account id or UTILITY */
  async usage(meter: number, subject = 'utility', day = '2026-01-15'): Promise<readonly UsageSoFar[]> {
    const platform = this.world.as('project');
    const window = { from: MIDNIGHT - 2 * 86_400_000, until: MIDNIGHT + 2 * 86_400_000 };
    const access = await openSubjectData(platform, { purpose: 'customer-view', ...window, subjects: [subject] });
    return await usageSoFar(platform, { meterId: meterId(meter), day, subject }, access);
  }

  /** Writes down where the segment stands, as ingest does now and then. */
  async checkpoint(segment: string): Promise<void> {
    const { state, head } = this.#segment(segment);
    const stand = { id: segment, state, head: head!, settled: Promise.resolve() };
    await writeCheckpoint(this.world.as('ingest'), stand, async (events) => {
      noteCommit(state, state.version + 1, events);
      await this.#append(segment, events);
    });
  }

  /** As the segment's stream last said. */
  #member(segment: string, id: string) {
    const events = this.world.events.eventsOf(`segment/${segment}`);
    const joined = events.findLast((event) => event.type === 'MeterJoined' && event.data.meterId === id);
    const amended = events.findLast((event) => event.type === 'MemberAmended' && event.data.meterId === id && event.data.asset);
    if (joined?.type !== 'MeterJoined') throw new Error(`${id} never joined ${segment}`);
    return { relays: joined.data.relays, asset: (amended?.type === 'MemberAmended' && amended.data.asset) || joined.data.asset };
  }

  async #decide(segment: string, frames: readonly Sent[]): Promise<void> {
    const { state } = this.#segment(segment);
    const digest = createHash('sha256')
      .update(`${++this.#counter}`)
      .digest()
      .subarray(0, 8);
    this.#decision.begin(state, { dcId: 'one', sequence: this.#counter, digest }, MIDNIGHT + 300 * QUARTER_MS);
    for (const sent of frames.flatMap(asFrames)) {
      const member = state.members.findId(meterId(sent.meter));
      const { frame, source } = opened(sent, member, ++this.#counter);
      this.#decision.take(state.members.at(member)!, frame, source, undefined);
    }
    const events = this.#decision.finish();
    noteCommit(state, state.version + 1, events);
    await this.#append(segment, events);
  }

  async #ask(segment: string, command: SegmentCommand): Promise<readonly SegmentEvent[]> {
    const { state } = this.#segment(segment);
    const events = decideMembership(state, command);
    if (events.length === 0) return events;
    foldCommit(state, state.version + 1, events);
    await this.#append(segment, events);
    return events;
  }

  async #append(segment: string, events: readonly DomainEvent[]): Promise<void> {
    const known = this.#segment(segment);
    const store = this.world.as('ingest').events;
    const stream = `segment/${segment}`;
    const head = known.head ?? (await store.head(stream));
    const commitId = createHash('sha256').update(`${stream} ${head.version}`).digest();
    const appended = store.append(head, { commitId, events });
    await appended.durable;
    known.head = appended.head;
    const place = this.arrivals.length + 1;
    this.arrivals.push({ place, stream, version: head.version + 1, count: events.length, keyId: '', recordedAt: MIDNIGHT });
  }

  #segment(segment: string): Segment {
    const known = this.#segments.get(segment) ?? { state: new SegmentState(), head: undefined };
    this.#segments.set(segment, known);
    return known;
  }
}

/** Wh of a channel by slot. */
export function slotsOf(usageOfDay: readonly UsageSoFar[], channel = 0): Record<number, number> {
  const found = usageOfDay.find((of) => of.channel === channel);
  return Object.fromEntries((found?.slots ?? []).map(({ slot, energyWh }) => [slot, energyWh]));
}

/** A frame holds one value or four. */
function asFrames(sent: Sent): Sent[] {
  const { slot, values } = sent;
  if (values.length === 4) return [sent];
  return values.map((value, i) => ({ ...sent, slot: slot - values.length + 1 + i, values: [value] }));
}

function opened({ channel, slot, values }: Sent, member: number, counter: number) {
  const fields = { flags: 0, channel, end: endOf(slot), minutes: 15, register: 100_000 + slot, head: Buffer.alloc(8) };
  const plaintext = encodePlaintext({ kind: 'reading', ...fields, deltas: values.map((value) => value ?? null) });
  const frame = emptyFrame();
  readRecord(frame, plaintext, 0);
  Object.assign(frame, { member, epoch: 1, counter, tag: counter });
  const wire = Buffer.alloc(81);
  wire.writeUInt16BE(1, 16);
  wire.writeUInt32BE(counter, 26);
  wire.writeUInt32BE(counter, 65);
  const sizeClass = plaintext.length === 32 ? (0 as const) : (2 as const);
  return { frame, source: { wire, kid: 8, iv: 21, tag: 65, plaintext, sizeClass, member, annotations: 0, receivedAt: MIDNIGHT } };
}
