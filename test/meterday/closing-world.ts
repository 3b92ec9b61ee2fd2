import { createPublicKey, randomBytes } from 'node:crypto';
import { recorded } from '../../bin/town/reconciliation.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import { annotate } from '../../domain/telemetry/checks.ts';
import { ColumnBuilder } from '../../domain/telemetry/column-builder.ts';
import { newMember } from '../../domain/telemetry/members.ts';
import { emptyFrame, readRecord } from '../../domain/telemetry/opened-frame.ts';
import type { ReadingsFold } from '../../domain/telemetry/readings.ts';
import type { DomainEvent } from '../../events/index.ts';
import { closeSegment } from '../../lambdas/close-day/close-segment.ts';
import { Closer } from '../../lambdas/close-day/closer.ts';
import type { Tally } from '../../lambdas/close-day/tally.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import type { EventStore, RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { csrFor, deviceKey, MemoryCa } from '../support/memory-ca.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ProfileMeter, type ProfileMeterOptions } from '../support/profile-meter.ts';
import { HOME } from '../support/sealed-town.ts';

export const SEGMENT = '00000';
const STREAM = `segment/${SEGMENT}`;
const ca = new MemoryCa();

export interface Enrolled extends ProfileMeter {
  readonly number: number;
}

/** What a closing world stands in. */
export interface Outside {
  as(principal: string): Platform;
  readonly clock: { now(): number; set(at: number): void };
}

/** A segment's stream written as ingest writes it, and the closing of its days. */
export class ClosingWorld {
  readonly world: Outside;
  #closer: Closer;
  #members = 0;

  constructor(now: number, world: Outside = new MemoryWorld({ now })) {
    this.world = world;
    this.#closer = new Closer(this.platform, defencesUnderTest());
  }

  get platform(): Platform {
    return this.world.as('close-day');
  }

  /** A closing function with nothing in memory. */
  restart(): void {
    this.#closer = new Closer(this.platform, defencesUnderTest());
  }

  /** @param options with the key of a meter that was made elsewhere, what it said there it can say here */
  async enrol(options: Partial<ProfileMeterOptions> & { readonly firstDay: string }, at = this.world.clock.now()): Promise<Enrolled> {
    const number = this.#members++;
    const meterId = options.meterId ?? (0x02a1_b2c3_d4e5_0000n + BigInt(number)).toString(16).padStart(16, '0');
    const asset = options.asset ?? HOME;
    const privateKey = options.privateKey ?? (await deviceKey(`m-${meterId}`)).privateKey;
    const csr = await csrFor(`m-${meterId}`, privateKey, createPublicKey(privateKey));
    const certificate = await ca.issue('meter', csr, { commonName: `m-${meterId}`, notBefore: 0, notAfter: 4e12 });
    await this.append(STREAM, [{ type: 'MeterJoined', data: { meterId, member: number, asset, relays: [], at } }]);
    await this.append(`meter/${meterId}`, [{ type: 'MeterEnrolled', data: { meterId, certificate, asset, at } }]);
    return Object.assign(new ProfileMeter({ ...options, privateKey, meterId, asset }), { number });
  }

  /** What the segment accepts from one meter, as one commit. @param at broker time, UTC ms */
  async say({ number, options }: Enrolled, plaintexts: readonly Buffer[], at = this.world.clock.now()): Promise<void> {
    if (plaintexts.length === 0) return;
    this.world.clock.set(Math.max(at, this.world.clock.now()));
    const builder = new ColumnBuilder(500, 65_536);
    const member = newMember(options.meterId, options.asset, [], 0, []);
    const frame = emptyFrame();
    for (const plaintext of plaintexts) {
      readRecord(frame, plaintext, 0);
      const annotations = frame.count === 0 ? 0 : annotate(frame, member, at);
      const wire = Buffer.alloc(64);
      wire.write(options.meterId, 0, 'hex');
      const sizeClass = plaintext.length === 32 ? 0 : plaintext.length === 64 ? 1 : 2;
      builder.add({ wire, kid: 0, iv: 11, tag: 20, plaintext, sizeClass, member: number, annotations, receivedAt: at });
    }
    const batch = { dcId: 'one', sequence: 1, digest: Buffer.alloc(8) };
    await this.append(STREAM, [
      { type: 'FramesAccepted', data: { batch, brokerTime: at, frames: builder.take(), duplicates: 0, slotsRepeated: 0 } },
    ]);
  }

  async append(stream: string, events: readonly DomainEvent[]): Promise<void> {
    const store: EventStore = this.world.as('ingest').events;
    await store.append(await store.head(stream), { commitId: randomBytes(32), events }).durable;
  }

  /** @param at UTC ms */
  async close(at: number, platform = this.platform): Promise<Tally> {
    this.world.clock.set(at);
    return closeSegment(platform, SEGMENT, platform === this.platform ? this.#closer : new Closer(platform, defencesUnderTest()));
  }

  async commits(stream: string): Promise<RecordedCommit[]> {
    const access = await openSubjectData(this.world.as('auditor'), { purpose: 'audit', from: 0, until: 4e12, subjects: SUBJECTS });
    const found: RecordedCommit[] = [];
    for await (const commit of this.world.as('auditor').events.read(stream, 0, access)) found.push(commit);
    return found;
  }

  async state(meterId: string, day: string): Promise<MeterDayState> {
    let state: MeterDayState = meterDay.initial;
    for (const { events } of await this.commits(`meterday/${meterId}/${day}`))
      for (const event of events) state = meterDay.evolve(state, event);
    return state;
  }

  async day(meterId: string, day: string): Promise<OpenDay> {
    const state = await this.state(meterId, day);
    if (state.status === 'empty') throw new Error(`nothing was recorded of ${meterId} on ${day}`);
    return state;
  }

  /** Every meter day there is, by stream. */
  async days(): Promise<Map<string, OpenDay>> {
    const found = new Map<string, OpenDay>();
    for await (const stream of this.world.as('auditor').events.streams('meterday/')) {
      const [, meterId, day] = stream.split('/');
      found.set(stream, await this.day(meterId!, day!));
    }
    return found;
  }

  /** What the segment's own books say, slot by slot. */
  async readings(): Promise<ReadingsFold> {
    return (await recorded(this.world.as('auditor'))).fold;
  }
}

const SUBJECTS = ['utility', 'acc-1', 'acc-2'];
