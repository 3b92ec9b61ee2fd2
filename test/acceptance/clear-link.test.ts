import { describe, expect, it } from 'vitest';
import { FRAME_BYTES } from '../../protocol/frame.ts';
import { encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import type { ServiceUnderTest } from './service-under-test.ts';
import { HOUR, MONDAY, Street } from './street.ts';
import { Tap } from './tap.ts';

/** Where frames begin: 83 58 1b a3 01 03 04 4b. */
const FRAME_START = Buffer.from('83581ba30103044b', 'hex');
const PLAINTEXT_AT = 33;
const DELTAS = 23;

/** A load nobody can mistake: the same four quarter-hours in every hour. */
const LOAD = [0x5a1, 0x7c3, 0x3b5, 0x6d7];
const PATTERN = Buffer.from('05a107c303b506d7', 'hex');
const value = (_index: number, end: number): number => LOAD[(Math.round(end / 900_000) + 3) % 4]!;

interface World {
  readonly street: Street;
  readonly tap: Tap;
}

/** Six meters behind two concentrators whose line to the broker is plain TCP, and somebody on it. */
async function openNetwork(): Promise<World> {
  let tap: Tap | undefined;
  const via = async ({ platform }: ServiceUnderTest) => {
    tap = await Tap.before(platform);
    return tap.url;
  };
  const street = await Street.open({ meters: 6, clearLink: true, via, value });
  return { street, tap: tap! };
}

async function closed({ street, tap }: World): Promise<void> {
  await street.close();
  await tap.close();
}

const clearReading = (register: number, end: number): Buffer =>
  encodePlaintext({
    kind: 'reading',
    flags: 0,
    channel: 0,
    end: end / 1000,
    minutes: 15,
    register,
    head: Buffer.alloc(8),
    deltas: LOAD,
  } satisfies Plaintext);

/** Bytes of the frame that begins there, by the head of its ciphertext. */
const sizeOf = (piece: Buffer, at: number): number => FRAME_BYTES[piece[at + 31] === 0x59 ? 2 : piece[at + 32] === 0x30 ? 0 : 1];

/** Changes a byte of the readings in each whole frame that is picked. @param altered gets their sizes */
function alterFrames(altered: number[], picks: (size: number) => boolean): (piece: Buffer) => void {
  return (piece) => {
    for (let at = piece.indexOf(FRAME_START); at >= 0; at = piece.indexOf(FRAME_START, at + 1)) {
      const size = sizeOf(piece, at);
      if (at + size > piece.length || !picks(size)) continue;
      piece[at + PLAINTEXT_AT + DELTAS + (altered.length % 8)]! ^= 1;
      altered.push(size);
    }
  };
}

/** Every frame that was altered is refused for what it is, and every reading comes in as it was measured. */
async function changedNothing(world: World, altered: number): Promise<void> {
  const { street, tap } = world;
  tap.alter = undefined;
  const { quarantined, refusedByReason } = await street.service.recorded();
  expect([quarantined, refusedByReason]).toEqual([altered, { 'not-authentic': altered }]);
  expect(await street.quiesce()).toBe(0);
  const { stored, measured } = await street.digests();
  expect(stored).toBe(measured);
  await closed(world);
}

describe('the link layer in clear', () => {
  it('T8-P2: readings arrive and reconcile over an open network, and who listens finds none', async () => {
    const world = await openNetwork();
    const { street, tap } = world;
    await street.live(MONDAY + 12 * HOUR);
    expect(await street.quiesce()).toBe(0);
    const { stored, measured } = await street.digests();
    expect(stored).toBe(measured);
    const { accepted, duplicate, quarantined } = await street.service.recorded();
    expect([accepted + duplicate, quarantined]).toEqual([street.published.frames, 0]);
    // the positive control: the frames are there to be seen, and a reading would be found if it were
    expect(tap.seen.includes(FRAME_START)).toBe(true);
    expect(tap.seen.includes(PATTERN)).toBe(false);
    expect(Buffer.concat([tap.seen, clearReading(1, MONDAY)]).includes(PATTERN)).toBe(true);
    await closed(world);
  });

  it('T8-P2: who alters frames on an open network changes no reading', async () => {
    const world = await openNetwork();
    const { street, tap } = world;
    await street.live(MONDAY + 2 * HOUR);
    const altered: number[] = [];
    tap.alter = alterFrames(altered, (size) => size === FRAME_BYTES[0]);
    await street.live(MONDAY + 8 * HOUR);
    expect(altered.length).toBeGreaterThan(20);
    await changedNothing(world, altered.length);
  });

  it('T8-P2: who alters every third frame on an open network, whatever its size, changes no reading', async () => {
    const world = await openNetwork();
    const { street, tap } = world;
    await street.live(MONDAY + 2 * HOUR);
    const altered: number[] = [];
    let frames = 0;
    tap.alter = alterFrames(altered, () => frames++ % 3 === 0);
    await street.live(MONDAY + 30 * HOUR);
    for (const size of FRAME_BYTES) expect(altered.filter((one) => one === size).length, `${size} bytes`).toBeGreaterThan(0);
    await changedNothing(world, altered.length);
  });

  it('T8-P2: who sends readings in clear on an open network is refused', async () => {
    const world = await openNetwork();
    const { street } = world;
    const seen: Buffer[] = [];
    street.tampering.set('dc-1', {
      up: (output) => {
        if (output.kind === 'frame' && output.bytes.length === FRAME_BYTES[0]) seen.push(output.bytes);
        return [output];
      },
    });
    await street.live(MONDAY + 2 * HOUR);
    const before = await street.service.recorded();
    const forged = Array.from({ length: 20 }, (_, i) => {
      const frame = Buffer.from(seen[i % seen.length]!);
      frame.writeUIntBE(500 + i, 25, 5);
      clearReading(1_000_000, MONDAY + 2 * HOUR).copy(frame, PLAINTEXT_AT);
      return frame;
    });
    await street.inject('dc-1', forged);
    await street.inject('dc-1', [clearReading(1_000_000, MONDAY + 2 * HOUR)]);
    await street.service.settle();
    const after = await street.service.recorded();
    expect([after.accepted, after.storedWh, after.quarantined]).toEqual([before.accepted, before.storedWh, before.quarantined + 21]);
    await closed(world);
  });
});
