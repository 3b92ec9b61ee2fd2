import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchDecision } from '../../domain/telemetry/batch-decision.ts';
import type { SourceFrame } from '../../domain/telemetry/column-builder.ts';
import { foldCommit, noteCommit } from '../../domain/telemetry/fold.ts';
import { decideMembership } from '../../domain/telemetry/membership.ts';
import { emptyFrame, readRecord } from '../../domain/telemetry/opened-frame.ts';
import { SegmentState } from '../../domain/telemetry/segment-state.ts';
import { restoreSnapshot, takeSnapshot } from '../../domain/telemetry/snapshot.ts';
import type { DomainEvent, FramesAccepted } from '../../events/index.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';

const START = Date.UTC(2026, 0, 15);
const METERS = 3;

interface Step {
  readonly meter: number;
  readonly epoch: number;
  readonly counter: number;
  readonly slot: number;
  readonly value: number;
  readonly relay: 'one' | 'two' | 'stranger';
  readonly kind: 'reading' | 'event';
}

const step = fc.record({
  meter: fc.integer({ min: 0, max: METERS - 1 }),
  epoch: fc.integer({ min: 1, max: 3 }),
  counter: fc.integer({ min: 1, max: 40 }),
  slot: fc.integer({ min: -4, max: 260 }),
  value: fc.integer({ min: 0, max: 3 }),
  relay: fc.constantFrom('one' as const, 'one' as const, 'two' as const, 'stranger' as const),
  kind: fc.constantFrom('reading' as const, 'reading' as const, 'event' as const),
});
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 14 });

function joined(): { state: SegmentState; commits: { version: number; events: DomainEvent[] }[] } {
  const state = new SegmentState();
  const commits: { version: number; events: DomainEvent[] }[] = [];
  for (let n = 0; n < METERS; n++) {
    const relays = [
      { dcId: 'one', from: 0 },
      { dcId: 'two', from: 0 },
    ];
    const meterId = `0a0b0c000000000${n}`;
    const events = decideMembership(state, { type: 'JoinMeter', meterId, asset: HOME, relays, at: START });
    commits.push({ version: state.version + 1, events });
    foldCommit(state, state.version + 1, events);
  }
  return { state, commits };
}

/** Decides batches as the ingest does, without the sealing. */
function decide(list: readonly (readonly Step[])[]) {
  const { state, commits } = joined();
  const decision = new BatchDecision(defencesUnderTest());
  let total = 0;
  for (const [sequence, steps] of list.entries()) {
    const first = steps[0]!;
    const digest = Buffer.alloc(8);
    digest.writeUInt32BE(sequence + 1);
    decision.begin(state, { dcId: first.relay, sequence, digest }, START + 265 * QUARTER_MS);
    for (const one of steps) {
      const { frame, source } = opened(one);
      decision.take(state.members.at(one.meter)!, frame, source, undefined);
      total++;
    }
    const events = decision.finish();
    commits.push({ version: state.version + 1, events });
    noteCommit(state, state.version + 1, events);
  }
  return { state, commits, total };
}

function opened({ meter, epoch, counter, slot, value, kind }: Step) {
  const end = START / 1000 + slot * 900;
  const fields = { flags: 0, channel: 0, end, minutes: 15, register: 100_000 + slot, head: Buffer.alloc(8) };
  const reading = { kind: 'reading', ...fields, deltas: [value, value, value, value] } as const;
  const plaintext = encodePlaintext(kind === 'reading' ? reading : { kind, flags: 0, code: 1, at: end, value });
  const frame = emptyFrame();
  readRecord(frame, plaintext, 0);
  const tag = (slot + 10) * 10 + value + (kind === 'event' ? 5_000 : 0);
  Object.assign(frame, { member: meter, epoch, counter, tag });
  const wire = Buffer.alloc(81);
  wire.writeUInt16BE(epoch, 16);
  wire.writeUInt32BE(counter, 26);
  wire.writeUInt32BE(tag, 65);
  const source: SourceFrame = { wire, kid: 8, iv: 21, tag: 65, plaintext, sizeClass: 0, member: meter, annotations: 0, receivedAt: START };
  return { frame, source };
}

describe('segment', () => {
  it('folds from its events to exactly the state it decided on', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const { state, commits } = decide(list);
        const folded = new SegmentState();
        for (const { version, events } of commits) foldCommit(folded, version, events);
        expect(takeSnapshot(folded)).toEqual(takeSnapshot(state));
      }),
      { numRuns: 150 },
    );
  });

  it('goes on from a snapshot as from its whole history', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 0, max: 14 }), (list, at) => {
        const { state, commits } = decide(list);
        let folded = new SegmentState();
        for (const [i, { version, events }] of commits.entries()) {
          foldCommit(folded, version, events);
          if (i === METERS + at) folded = restoreSnapshot(structuredCloneBuffers(takeSnapshot(folded)));
        }
        expect(takeSnapshot(folded)).toEqual(takeSnapshot(state));
      }),
      { numRuns: 80 },
    );
  });

  it('ends every frame in exactly one of accepted, duplicate, held', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const { commits, total } = decide(list);
        let counted = 0;
        for (const event of commits.flatMap(({ events }) => events)) {
          if (event.type === 'FramesAccepted') counted += event.data.frames.count + event.data.duplicates;
          if (event.type === 'FramesHeld') counted += event.data.frames.count;
        }
        expect(counted).toBe(total);
      }),
      { numRuns: 150 },
    );
  });

  it('T8-P1: accepts a counter once, whatever order, batch and concentrator it comes by', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const seen = new Set<string>();
        for (const event of decide(list).commits.flatMap(({ events }) => events)) {
          if (event.type !== 'FramesAccepted') continue;
          for (const key of acceptedCounters(event.data)) {
            expect(seen.has(key), `${key} accepted twice`).toBe(false);
            seen.add(key);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

function acceptedCounters({ frames }: FramesAccepted): string[] {
  const header = Buffer.from(frames.header);
  const member = Buffer.from(frames.member);
  return Array.from({ length: frames.count }, (_, i) => {
    return `${member.readUInt16LE(i * 2)}/${header.readUInt16BE(i * 20 + 8)}/${header.readUIntBE(i * 20 + 15, 5)}`;
  });
}

function structuredCloneBuffers<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, inner) => (inner?.type === 'Buffer' ? Buffer.from(inner.data) : inner));
}
