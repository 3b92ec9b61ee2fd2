import { describe, expect, it } from 'vitest';
import { readingOf } from '../../devices/meter/reading-frames.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { localDay, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld } from './closing-world.ts';

const DAY = '2026-01-15';
const { start, end } = localDay(DAY, HOME.zone);

interface Given {
  /** Slot to what the register moved by while its value was lost. */
  readonly lost: Readonly<Record<number, number>>;
  readonly asset?: typeof HOME;
  readonly longest?: 4 | 24;
  /** Changes a frame on its way. */
  readonly tamper?: (frame: Buffer) => void;
}

/**
 * A sealed day of a steady home, some of whose values were lost, as it is after closing. This meter frames its hours as they come; the
 * reference meter would cut a frame so that at most one moved slot is lost in it.
 */
async function closed({ lost, asset = HOME, longest = 4, tamper = () => {} }: Given): Promise<OpenDay> {
  const world = new ClosingWorld(start * 1000);
  const meter = await world.enrol({ firstDay: DAY, asset });
  for (let slot = 0; slot < 96; slot++) {
    const at = start + (slot + 1) * 900;
    const moved = lost[slot];
    meter.measure(at, moved === undefined ? 100 + slot : null, moved ?? 100 + slot);
    if ((slot + 1) % longest !== 0) continue;
    const part = { from: at - (longest - 1) * 900, to: at, count: longest };
    const place = { channel: 0, minutes: 15, resent: false };
    const frame = encodePlaintext(readingOf(meter.profile.channels[0]!, place, part, meter.book.headAt(0, at)));
    tamper(frame);
    await world.say(meter, [frame], at * 1000 + 90_000);
  }
  await world.say(meter, await meter.seals(), end * 1000 + 900_000);
  await world.close(provisionalAt(DAY, HOME.zone));
  return world.day(meter.options.meterId, DAY);
}

const verdict = ({ verified, faults }: OpenDay) => [verified?.seal, verified?.chain, faults.length];

describe('several lost values in one frame', () => {
  it.each([
    ['side by side, moved in the first', { lost: { 40: 700, 41: 0 } }],
    ['side by side, moved in the second', { lost: { 40: 0, 41: 700 } }],
    ['moved in both', { lost: { 40: 300, 41: 411 } }],
    ['with a value in between', { lost: { 40: 250, 42: 17 } }],
    ['three of them', { lost: { 40: 20, 41: 30, 43: 11 } }],
    ['in the first frame of the day', { lost: { 0: 5, 1: 90 } }],
    ['in the last frame of the day', { lost: { 92: 5, 95: 90 } }],
    ['over several hours of a long frame', { lost: { 50: 80, 61: 3 }, longest: 24 as const }],
    ['in two frames', { lost: { 40: 300, 41: 411, 80: 9, 83: 9 } }],
    ['over a rollover', { lost: { 40: 3, 42: 400 }, asset: { ...HOME, channels: [{ ...HOME.channels[0]!, dials: 4 }] } }],
  ])('%s: the chain says in which slot the register moved, and is verified to the end', async (_, given) => {
    expect(verdict(await closed(given))).toEqual(['verified', 'verified', 0]);
  });

  it('more ways than are tried leave the chain unverified, and accuse nobody', async () => {
    expect(verdict(await closed({ lost: { 40: 3_000, 41: 3_000 } }))).toEqual(['verified', 'unverified', 0]);
    expect(verdict(await closed({ lost: { 40: 60, 41: 60, 42: 60 } }))).toEqual(['verified', 'unverified', 0]);
  });

  it('where no way leads to the head that the meter named, the chain stays unverified', async () => {
    const hidden = start + 44 * 900;
    const tamper = (frame: Buffer) => {
      if (frame.readUInt32BE(4) === hidden) frame[15]! ^= 1;
    };
    expect(verdict(await closed({ lost: { 40: 300, 41: 411 }, tamper }))).toEqual(['verified', 'unverified', 0]);
  });
});
