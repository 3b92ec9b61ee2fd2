import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastMidnight, localDay, mergeMidnights, nextMidnight } from '../../devices/meter/calendar.ts';
import { ChannelProfile } from '../../devices/meter/channel-profile.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { cut } from '../../devices/meter/reading-frames.ts';
import { T0 } from '../support/mdms.ts';
import { ENERGY_IMPORT, headOf, play, rig, running, sealsOf } from '../support/meter-rig.ts';

const STEP = 900;
const START = T0 / 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The profile as a plain list: what the ring must be equal to. */
interface Model {
  slots: { end: number; value: number | null; advance: number; flags: number; register: number; acked: boolean; held: boolean }[];
  register: number;
  sentTo: number;
}

type Step =
  | { readonly do: 'measure'; readonly value: number | null; readonly extra: number; readonly skip: number; readonly flags: number }
  | { readonly do: 'send' | 'ackTo' | 'ack' | 'hold'; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('measure' as const),
      value: fc.option(fc.integer({ min: 0, max: 70_000 }), { freq: 5 }),
      extra: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -500, max: 90_000 }) }),
      skip: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) }),
      flags: fc.constantFrom(0, 0, 0, 4, 16),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('send' as const, 'ackTo' as const, 'ack' as const, 'hold' as const), at: fc.nat(400) }),
  },
);

function run(ring: ChannelProfile, model: Model, steps: readonly Step[], kept: number): void {
  for (const action of steps) {
    if (action.do === 'measure') {
      const end = (model.slots.at(-1)?.end ?? START) + STEP * (1 + (model.slots.length > 0 ? action.skip : 0));
      const advance = (action.value ?? 0) + action.extra;
      for (let gap = end - STEP * (model.slots.length > 0 ? action.skip : 0); gap < end; gap += STEP) push(model, gap, null, 0, 32, kept);
      ring.append(end, action.value, advance, action.flags, 32);
      push(model, end, action.value !== null && action.value > 65_534 ? null : action.value, advance, action.flags, kept);
      continue;
    }
    const end = START + action.at * STEP;
    if (action.do === 'send' && end > model.sentTo && end <= (model.slots.at(-1)?.end ?? 0)) ring.sentTo = model.sentTo = end;
    if (action.do === 'ackTo') ring.acknowledgeTo(end);
    if (action.do === 'ack') ring.acknowledge(end);
    if (action.do === 'hold') ring.hold(end, end);
    for (const slot of model.slots) {
      const named = action.do === 'ackTo' ? slot.end <= end : slot.end === end;
      if (named && action.do.startsWith('ack') && slot.end <= model.sentTo) Object.assign(slot, { acked: true, held: false });
      if (named && action.do === 'hold' && !slot.acked) slot.held = true;
    }
  }
}

function push(model: Model, end: number, value: number | null, advance: number, flags: number, kept: number): void {
  while (model.slots.length >= kept && model.slots[0]!.acked) model.slots.shift();
  if (model.slots.length >= 2 * kept) model.slots.shift();
  model.register = (((model.register + advance) % 1_000_000) + 1_000_000) % 1_000_000;
  model.slots.push({ end, value, advance, flags, register: model.register, acked: false, held: false });
}

describe('the ring of one channel', () => {
  it('is what a plain list would be: values, registers, acknowledgements, also after save and restore', () => {
    const options = { intervalSeconds: STEP, dials: 6, days: 1 };
    const property = fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const model: Model = { slots: [], register: 0, sentTo: 0 };
      const ring = new ChannelProfile(options);
      run(ring, model, steps, 96);
      for (const checked of [ring, new ChannelProfile(options, ring.save())]) {
        const expected = model.slots.map(({ end, value, advance, flags }) => ({ end, value, advance, flags }));
        expect([...checked.slots()]).toEqual(expected);
        expect(checked.unacknowledged).toBe(model.slots.filter(({ acked }) => !acked).length);
        expect(checked.held).toBe(model.slots.filter(({ held }) => held).length);
        for (const { end, register } of model.slots) expect(checked.registerAt(end)).toBe(register);
      }
    });
    fc.assert(property, { numRuns: 150 });
  });

  it('cuts any span into frames of 1, 4, 24 or 96 that cover it exactly, flags alike, one moving null at most', () => {
    const options = { intervalSeconds: STEP, dials: 8, days: 4 };
    const property = fc.property(fc.array(step, { maxLength: 300 }), fc.nat(300), fc.nat(300), (steps, a, b) => {
      const ring = new ChannelProfile(options);
      run(ring, { slots: [], register: 0, sentTo: 0 }, steps, 4 * 96);
      const span = { from: START + Math.min(a, b) * STEP, to: START + Math.max(a, b) * STEP };
      const parts = [...cut(ring, span, STEP, 96)];
      const inside = [...ring.slots()].filter(({ end }) => end >= span.from && end <= span.to);
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(inside.length);
      let next = inside[0]?.end;
      for (const { from, to, count } of parts) {
        const slots = inside.filter(({ end }) => end >= from && end <= to);
        expect([1, 4, 24, 96]).toContain(count);
        expect([from, slots.length]).toEqual([next, count]);
        expect(new Set(slots.map(({ flags }) => flags)).size).toBe(1);
        expect(slots.filter(({ value, advance }) => value === null && advance !== 0).length).toBeLessThan(2);
        next = to + STEP;
      }
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe('45 days of memory', () => {
  it('C10.1-6: a meter without any connection for 44 days loses nothing', async () => {
    const r = await running();
    await play(r, T0, T0 + DAY, (slot) => slot % 300);
    for (let slot = 97; slot <= 45 * 96; slot++) {
      r.meter.measure(0, T0 + slot * 900_000, (T0 / 900_000 + slot) % 300);
      if (slot % 4 === 0) await r.meter.poll(T0 + slot * 900_000 + 90_000);
    }
    r.mdms.slots.clear();
    const back = T0 + 45 * DAY;
    await play(r, back, back + HOUR, () => 1);
    const { epoch, pendingEpoch } = r.meter.status;
    await r.meter.receive(r.mdms.ack('02a1b2c3d4e5f607', (pendingEpoch ?? epoch)!, 0, 15), back + HOUR);
    for (let hour = 1; hour < 24; hour++) {
      const current = r.meter.status.epoch!;
      const spans = missing(r.mdms.slots, START, back / 1000);
      if (spans.length > 0) await r.meter.receive(r.mdms.resend('02a1b2c3d4e5f607', current, spans), back + hour * HOUR);
      await play(r, back + hour * HOUR, back + (hour + 1) * HOUR, () => 1);
    }
    const measured = [...r.meter.truth()];
    expect(measured.filter(({ end }) => end <= back)).toHaveLength(45 * 96);
    expect(measured.filter(({ end, value }) => r.mdms.slots.get(`0 ${end / 1000}`) !== value)).toEqual([]);
    for (const { seal } of sealsOf(r)) expect(headOf(seal, r)).toEqual(seal.channels[0]!.headEnd);
    expect(
      new Set(
        sealsOf(r)
          .map(({ seal }) => seal.start)
          .filter((start) => start * 1000 < back - DAY),
      ).size,
    ).toBe(45);
  });

  it('forgets what is acknowledged and older than 45 days, and nothing else', async () => {
    const profile = new ProfileStore({ intervalMinutes: 60, channels: [ENERGY_IMPORT] });
    const asset = { intervalMinutes: 60, channels: [ENERGY_IMPORT] };
    const r = await rig({ profile, asset });
    await r.turn(T0);
    await play(r, T0, T0 + 50 * DAY, () => 1, 60);
    expect([...r.meter.truth()]).toHaveLength(50 * 24);
    await r.meter.receive(r.mdms.ack('02a1b2c3d4e5f607', r.meter.status.pendingEpoch ?? 1, START, 60), T0 + 50 * DAY);
    expect([...r.meter.truth()]).toHaveLength(50 * 24);
    await play(r, T0 + 50 * DAY, T0 + 51 * DAY, () => 1, 60);
    expect([...r.meter.truth()]).toHaveLength(45 * 24);
    expect(profile.seals.length).toBeLessThan(48);
    expect(profile.channels[0]?.lost).toBe(0);
  });
});

describe('local midnights', () => {
  it('are taken from the list, days of 24 h where it does not reach', () => {
    const list = [1000 * 86_400 - 3600, 1001 * 86_400, 1002 * 86_400];
    expect(nextMidnight(list, list[0]!)).toBe(list[1]);
    expect(nextMidnight(list, list[0]! - 1)).toBe(list[0]);
    expect(nextMidnight(list, list[0]! - 10 * 86_400)).toBe(list[0]! - 9 * 86_400);
    expect(nextMidnight(list, list[2]! + 5 * 86_400 + 1)).toBe(list[2]! + 6 * 86_400);
    expect(lastMidnight(list, list[1]! + 5)).toBe(list[1]);
    expect(lastMidnight(list, list[0]! - 10)).toBe(list[0]! - 86_400);
    expect(mergeMidnights(list, [1002 * 86_400 + 3600])).toEqual([...list, 1002 * 86_400 + 3600]);
  });

  it.each([
    ['Auckland in summer', Date.UTC(2026, 0, 4, 11), '2026-01-05'],
    ['Sydney', Date.UTC(2026, 0, 4, 13), '2026-01-05'],
    ['Berlin', Date.UTC(2026, 0, 4, 23), '2026-01-05'],
    ['London', Date.UTC(2026, 0, 5), '2026-01-05'],
    ['Honolulu', Date.UTC(2026, 0, 5, 10), '2026-01-05'],
  ])('name the local date in %s', (_, start, date) => {
    expect(new Date(localDay(start / 1000) * DAY).toISOString().slice(0, 10)).toBe(date);
  });
});

/** Spans of one channel that are not there, at most 64. */
function missing(slots: ReadonlyMap<string, unknown>, from: number, to: number) {
  const spans: { channel: number; from: number; to: number }[] = [];
  for (let end = from + STEP; end <= to; end += STEP) {
    if (slots.has(`0 ${end}`)) continue;
    const open = spans.at(-1);
    if (open !== undefined && open.to === end - STEP) open.to = end;
    else spans.push({ channel: 0, from: end, to: end });
  }
  return spans.slice(0, 64);
}
