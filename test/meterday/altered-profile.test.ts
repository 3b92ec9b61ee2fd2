import { describe, expect, it } from 'vitest';
import { ChannelProfile } from '../../devices/meter/channel-profile.ts';
import type { Slot } from '../../devices/meter/slots.ts';
import { localDay, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { parseSeal, sealHash } from '../../protocol/profile.ts';
import { ProfileMeter } from '../support/profile-meter.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';

const DAY = '2026-01-15';
const { start, end } = localDay(DAY, HOME.zone);
const HOUR = 3600;
const valueAt = (at: number): number => 300 + ((at / 900) % 41);

interface Home {
  readonly world: ClosingWorld;
  readonly meter: Enrolled;
}

async function home(): Promise<Home> {
  const world = new ClosingWorld(start * 1000);
  return { world, meter: await world.enrol({ firstDay: DAY }) };
}

/** Measures and reports hour by hour up to `until`. */
async function live({ world, meter }: Home, from: number, until: number, report = true): Promise<void> {
  for (let at = from + 900; at <= until; at += 900) {
    meter.measure(at, valueAt(at));
    if (report && at % HOUR === 0) await world.say(meter, meter.frames(at), at * 1000 + 90_000);
  }
}

/** Opens the meter and writes other values into its load profile, as a burglar with its service tool would. */
function rewrite({ meter }: Home, change: (slot: Slot) => { value: number; advance: number }, recompute: boolean): void {
  const { profile } = meter;
  const ring = profile.channels[0]!;
  const forged = new ChannelProfile({ intervalSeconds: 900, dials: HOME.channels[0]!.dials, days: 45 });
  for (const slot of ring.slots()) {
    const { value, advance } = change(slot);
    forged.append(slot.end, value, advance, slot.flags, 32);
  }
  forged.sentTo = ring.sentTo;
  Object.assign(profile, { channels: [forged] });
  if (recompute) meter.restart();
}

const halved = (from: number, to: number, register: boolean) => (slot: Slot) => {
  const value = slot.end > from && slot.end <= to ? Math.floor(slot.value! / 2) : slot.value!;
  return { value, advance: register ? value : slot.advance };
};

async function closed({ world, meter }: Home) {
  await world.say(meter, await meter.seals(), end * 1000 + 900_000);
  await world.close(provisionalAt(DAY, HOME.zone));
  const day = await world.day(meter.options.meterId, DAY);
  const faults = day.faults.map(({ what, from, until }) => ({ what, from: (from - start) / HOUR, until: (until - start) / HOUR }));
  return { day, faults, held: day.outcome!.held, energyWh: day.outcome!.channels[0]!.energyWh };
}

/** A home whose meter measured two channels. @param reported whether the second one was @param sealed which are left when the day is sealed */
async function homeOfTwo(reported: boolean, sealed: (rings: readonly ChannelProfile[]) => readonly ChannelProfile[]): Promise<Home> {
  const world = new ClosingWorld(start * 1000);
  const meter = await world.enrol({ firstDay: DAY, asset: { ...HOME, channels: [HOME.channels[0]!, HOME.channels[0]!] } });
  for (let at = start + 900; at <= end; at += 900) for (const channel of [0, 1]) meter.measure(at, valueAt(at), valueAt(at), 0, channel);
  if (!reported) meter.profile.channels[1]!.sentTo = end;
  await world.say(meter, meter.frames(end), end * 1000 + 90_000);
  Object.assign(meter.profile, { channels: sealed(meter.profile.channels) });
  meter.restart();
  return { world, meter };
}

const truth = Array.from({ length: 96 }, (_, i) => valueAt(start + (i + 1) * 900)).reduce((sum, value) => sum + value, 0);

describe('T8.1-3: a load profile altered in the meter', () => {
  it('T8.1-3: an untouched profile is verified and billable', async () => {
    const at = await home();
    await live(at, start, end);
    expect(await closed(at)).toMatchObject({
      faults: [],
      held: false,
      energyWh: truth,
      day: { final: true, verified: { seal: 'verified' } },
    });
  });

  it('T8.1-3: intervals already reported, chain and register computed anew: the chain breaks with the span, and the day is held', async () => {
    const at = await home();
    await live(at, start, start + 12 * HOUR);
    rewrite(at, halved(start + 3 * HOUR, start + 6 * HOUR, true), true);
    await live(at, start + 12 * HOUR, end);
    const { faults, held, day } = await closed(at);
    expect(faults).toContainEqual({ what: 'chain-head', from: 12, until: 13 });
    expect([held, day.final, day.verified?.chain]).toEqual([true, false, 'broken']);
  });

  it('T8.1-3: intervals already reported, register left alone: the chain breaks with the span', async () => {
    const at = await home();
    await live(at, start, start + 12 * HOUR);
    rewrite(at, halved(start + 3 * HOUR, start + 6 * HOUR, false), true);
    await live(at, start + 12 * HOUR, end);
    const { faults, held } = await closed(at);
    expect(faults).toContainEqual({ what: 'chain-head', from: 12, until: 13 });
    expect(held).toBe(true);
  });

  it('T8.1-3: an hour not reported yet, chain left alone: what is reported contradicts the chain, and the day is held', async () => {
    const at = await home();
    await live(at, start, start + 6 * HOUR);
    await live(at, start + 6 * HOUR, start + 7 * HOUR, false);
    rewrite(at, halved(start + 6 * HOUR, start + 7 * HOUR, true), false);
    await at.world.say(at.meter, at.meter.frames(start + 7 * HOUR), (start + 7 * HOUR) * 1000 + 90_000);
    await live(at, start + 7 * HOUR, end);
    const { faults, held, day } = await closed(at);
    expect(faults).toContainEqual({ what: 'chain-head', from: 6, until: 7 });
    expect([held, day.verified?.chain]).toEqual([true, 'broken']);
  });

  it('T8.1-3: an hour not reported yet, register left alone: sum and register disagree, and the span is held', async () => {
    const at = await home();
    await live(at, start, start + 6 * HOUR);
    await live(at, start + 6 * HOUR, start + 7 * HOUR, false);
    rewrite(at, halved(start + 6 * HOUR, start + 7 * HOUR, false), true);
    await live(at, start + 7 * HOUR, end);
    const { held, day } = await closed(at);
    expect([held, day.final]).toEqual([true, false]);
    expect(day.outcome!.channels[0]).toMatchObject({ held: 4, measured: 92 });
  });

  it('T8.1-3: the last intervals of a day altered after the last frame: the seal contradicts the records', async () => {
    const at = await home();
    await live(at, start, end);
    rewrite(at, halved(start + 20 * HOUR, end, true), true);
    const { faults, held } = await closed(at);
    expect(faults.map(({ what }) => what)).toEqual(expect.arrayContaining(['seal-head', 'seal-register']));
    expect(faults[0]).toMatchObject({ until: 24 });
    expect(held).toBe(true);
  });

  it('T8.1-3: a seal by another key is refused, and the day is held', async () => {
    const at = await home();
    const stranger = await new ClosingWorld(start * 1000).enrol({ firstDay: DAY, meterId: at.meter.options.meterId });
    await live(at, start, end);
    for (let end900 = start + 900; end900 <= end; end900 += 900) stranger.measure(end900, valueAt(end900));
    await at.world.say(at.meter, await stranger.seals(), end * 1000 + 900_000);
    await at.world.close(provisionalAt(DAY, HOME.zone));
    const day = await at.world.day(at.meter.options.meterId, DAY);
    expect(day).toMatchObject({ verified: { seal: 'refused' }, faults: [{ what: 'seal-signature' }], outcome: { held: true } });
  });

  it('T8.1-3: the seal of another meter is refused, be it signed with the very key', async () => {
    const at = await home();
    const { options } = at.meter;
    const other = new ProfileMeter({ ...options, meterId: '02a1b2c3d4e5ffff' });
    await live(at, start, end);
    for (let slot = start + 900; slot <= end; slot += 900) other.measure(slot, valueAt(slot));
    await at.world.say(at.meter, await other.seals(), end * 1000 + 900_000);
    await at.world.close(provisionalAt(DAY, HOME.zone));
    const day = await at.world.day(options.meterId, DAY);
    expect(day).toMatchObject({ verified: { seal: 'refused' }, faults: [{ what: 'seal-signature' }], outcome: { held: true } });
  });

  it('T8.1-3: a second seal of the same day, also genuine, contradicts the first', async () => {
    const at = await home();
    await live(at, start, end);
    const [first] = await at.meter.seals();
    await at.world.say(at.meter, [first!], end * 1000 + 900_000);
    at.meter.profile.marks.sealedTo = 0;
    expect((await closed(at)).faults).toMatchObject([{ what: 'seal-order', from: 0, until: 24 }]);
  });

  it('T8.1-3: a seal that does not name the one before it contradicts the order', async () => {
    const at = await home();
    const next = localDay('2026-01-16', HOME.zone);
    await live(at, start, end);
    await closed(at);
    at.meter.profile.previousSeal = sealHash(Buffer.from('another day'));
    await live(at, next.start, next.end);
    const [seal] = await at.meter.seals();
    expect(parseSeal(seal!.subarray(2, 182)).seal.start).toBe(next.start);
    await at.world.say(at.meter, [seal!], next.end * 1000 + 900_000);
    await at.world.close(provisionalAt(next.day, HOME.zone));
    expect((await at.world.day(at.meter.options.meterId, next.day)).faults).toMatchObject([{ what: 'seal-order' }]);
  });

  it('T8.1-3: a register set back at midnight, all behind it computed anew: the seal begins below what was reported, and the day is held', async () => {
    const at = await home();
    const next = localDay('2026-01-16', HOME.zone);
    await live(at, start, end);
    await closed(at);
    rewrite(at, halved(start + 20 * HOUR, end, true), true);
    await live(at, next.start, next.end);
    await at.world.say(at.meter, await at.meter.seals(), next.end * 1000 + 900_000);
    await at.world.close(provisionalAt(next.day, HOME.zone));
    const { faults, outcome, verified } = await at.world.day(at.meter.options.meterId, next.day);
    expect(verified).toMatchObject({ seal: 'verified' });
    expect(faults).toMatchObject([{ what: 'seal-register', channel: 0, from: next.start, until: next.end }]);
    expect(outcome!.held).toBe(true);
  });

  it('T8.1-3: a channel of which records came and that the seal lacks contradicts it, and the day is held', async () => {
    const { day, faults, held } = await closed(await homeOfTwo(true, (rings) => rings.slice(0, 1)));
    expect(faults).toEqual([{ what: 'seal-channel', from: 0, until: 24 }]);
    expect(day.faults.map(({ channel }) => channel)).toEqual([1]);
    expect([held, day.final, day.verified]).toEqual([true, false, expect.objectContaining({ seal: 'verified', chain: 'broken' })]);
  });

  it('a channel of which nothing came is not verified, whether the seal has it or not, and contradicts nothing', async () => {
    for (const sealed of [1, 2]) {
      const { day, faults } = await closed(await homeOfTwo(false, (rings) => rings.slice(0, sealed)));
      expect([faults, day.verified]).toEqual([[], expect.objectContaining({ seal: 'verified', chain: 'unverified' })]);
    }
  });

  it('a meter that lies before it records, chain and register with it, is consistent: only the balance at the feeder head shows it', async () => {
    const at = await home();
    for (let slot = start + 900; slot <= end; slot += 900) {
      at.meter.measure(slot, Math.floor(valueAt(slot) / 2));
      if (slot % HOUR === 0) await at.world.say(at.meter, at.meter.frames(slot), slot * 1000 + 90_000);
    }
    const { faults, held, energyWh } = await closed(at);
    expect([faults, held]).toEqual([[], false]);
    expect(energyWh).toBeLessThan(truth);
  });
});
