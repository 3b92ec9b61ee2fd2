import { describe, expect, it } from 'vitest';
import { EVENT_CODE, FLAG } from '../../protocol/plaintext.ts';
import { sealHash, verifySeal } from '../../protocol/profile.ts';
import { T0 } from '../support/mdms.ts';
import { acking, headOf, METER_ID, openedOf, play, rig, running, sealsOf } from '../support/meter-rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('from the first HELLO to acknowledged readings', () => {
  it('says HELLO once, confirms the epoch, and delivers each reading once in frames of four', async () => {
    const r = await rig();
    const said = await play(r, T0, T0 + DAY, (slot) => slot % 700);
    expect(said.filter(({ output }) => output.kind === 'hello')).toHaveLength(1);
    expect(r.mdms.opened[0]?.plain.kind).toBe('fin');
    expect(r.meter.status).toMatchObject({ epoch: undefined, pendingEpoch: 1, unacknowledged: 96 });
    expect(openedOf(r, 'reading').map(({ deltas, flags }) => [deltas.length, flags])).toEqual(Array.from({ length: 24 }, () => [4, 0]));
    expect([...r.meter.truth()].map(({ end, value }) => [r.mdms.slots.get(`0 ${end / 1000}`), value])).toEqual(
      Array.from({ length: 96 }, (_, i) => Array(2).fill((T0 / (15 * 60_000) + 1 + i) % 700)),
    );
    await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15), T0 + DAY);
    expect(r.meter.status).toMatchObject({ epoch: 1, pendingEpoch: undefined, ackedTo: [T0 + DAY], unacknowledged: 0 });
    expect(r.meter.refusals.size).toBe(0);
  });

  it('a second poll finds nothing new, and a late poll sends what a timely one had sent', async () => {
    const r = await running();
    for (let slot = 1; slot <= 7; slot++) r.meter.measure(0, T0 + slot * 900_000, slot);
    await r.turn(T0 + 7 * 900_000 + 90_000);
    expect(await r.meter.poll(T0 + 7 * 900_000 + 90_000)).toEqual([]);
    expect(openedOf(r, 'reading').map(({ end, deltas }) => [end, deltas])).toEqual([[T0 / 1000 + 3600, [1, 2, 3, 4]]]);
    expect(r.meter.nextSlotAt(T0 + 7 * 900_000)).toBe(T0 + 2 * HOUR + 60_000);
  });

  it.each([1, 24, 96] as const)('%i readings a frame leave together, the register with them', async (readingsPerFrame) => {
    const r = await running({ readingsPerFrame });
    await play(r, T0, T0 + DAY, () => 3);
    expect(new Set(openedOf(r, 'reading').map(({ deltas }) => deltas.length))).toEqual(new Set([readingsPerFrame]));
    expect(openedOf(r, 'reading').length).toBe(96 / readingsPerFrame);
    for (const { end, register } of openedOf(r, 'reading')) expect(register).toBe(((end * 1000 - T0) / 900_000) * 3);
  });

  it('a lost interval is null, its energy stays in the register, and records can be rebuilt from frames', async () => {
    const r = await running();
    for (let slot = 1; slot <= 8; slot++) r.meter.measure(0, T0 + slot * 900_000, slot === 3 || slot === 6 || slot === 7 ? null : 10, 10);
    await r.turn(T0 + 2 * HOUR + 90_000);
    expect(openedOf(r, 'reading').map(({ deltas }) => deltas)).toEqual([[10, 10, null, 10], [10], [null], [null], [10]]);
    expect(openedOf(r, 'reading').map(({ register }) => register)).toEqual([40, 50, 60, 70, 80]);
  });

  it('intervals without power are empty slots with the outage flag, and the outage is told', async () => {
    const r = await running();
    await play(r, T0, T0 + HOUR, () => 5);
    r.meter.reportEvent(EVENT_CODE.lastGasp, T0 + HOUR + 100_000, 0);
    const gasp = await r.turn(T0 + HOUR + 120_000);
    expect(gasp).toHaveLength(1);
    r.meter.reboot();
    await play(r, T0 + 3 * HOUR, T0 + 5 * HOUR, () => 5);
    expect(openedOf(r, 'event').map(({ code }) => code)).toEqual([EVENT_CODE.lastGasp, EVENT_CODE.boot]);
    const dark = openedOf(r, 'reading').filter(({ flags }) => (flags & FLAG.outage) !== 0);
    expect(dark.flatMap(({ deltas }) => deltas)).toEqual(Array(8).fill(null));
    expect(r.mdms.slots.size).toBe(20);
    expect(new Set(r.mdms.opened.map(({ counter }) => counter)).size).toBe(r.mdms.opened.length);
  });
});

describe('load profile chain and daily seal', () => {
  it('the seal of a local day verifies, follows the one before, and its head is that of the readings sent', async () => {
    const r = acking(await running());
    await play(r, T0, T0 + 3 * DAY, (slot) => (slot * 37) % 900);
    const seals = sealsOf(r);
    expect(seals.map(({ seal }) => [seal.start, seal.end, seal.channels[0]?.slots])).toEqual([
      [T0 / 1000 - 3600, T0 / 1000 + 82_800, 92],
      [T0 / 1000 + 82_800, T0 / 1000 + 169_200, 96],
      [T0 / 1000 + 169_200, T0 / 1000 + 255_600, 96],
    ]);
    seals.forEach((signed, i) => {
      expect(verifySeal(signed, r.identityKey)).toBe(true);
      expect(signed.seal.previous).toEqual(i === 0 ? Buffer.alloc(32) : sealHash(seals[i - 1]!.bytes));
      expect(signed.seal.channels[0]?.headEnd).toEqual(headOf(signed.seal, r));
    });
    const live = openedOf(r, 'reading').find(({ end }) => end === seals[1]!.seal.end);
    expect(live?.head).toEqual(seals[1]!.seal.channels[0]!.headEnd.subarray(0, 8));
  });

  it('a day of 25 hours is sealed as one', async () => {
    const r = await rig();
    const midnight = T0 / 1000 + 82_800;
    const midnights = [midnight, ...Array.from({ length: 13 }, (_, i) => midnight + 90_000 + i * 86_400)];
    for (const { bytes } of await r.meter.poll(T0))
      await r.meter.receive((await r.mdms.answer(bytes, r.identityKey, T0, { midnights }))!, T0);
    await play(acking(r), T0, T0 + 3 * DAY, () => 1);
    expect(sealsOf(r).map(({ seal }) => seal.end - seal.start)).toEqual([86_400, 90_000, 86_400]);
    expect(sealsOf(r)[1]?.seal.channels[0]).toMatchObject({ slots: 100 });
    expect(sealsOf(r)[1]?.seal.channels[0]?.headEnd).toEqual(headOf(sealsOf(r)[1]!.seal, r));
  });

  it('a resent frame carries the head of its own hour, and a span over midnight brings the same seal again', async () => {
    const r = await running();
    await play(r, T0, T0 + 2 * DAY, (slot) => slot % 500);
    const [first] = sealsOf(r);
    const before = openedOf(r, 'reading').find(({ end }) => end === first!.seal.end)!;
    await r.meter.receive(r.mdms.resend(METER_ID, 1, [{ channel: 0, from: before.end - 2700, to: before.end }]), T0 + 2 * DAY);
    r.mdms.opened.length = 0;
    await play(r, T0 + 2 * DAY, T0 + 2 * DAY + HOUR, () => 1);
    expect(sealsOf(r).map(({ bytes }) => bytes)).toEqual([first!.bytes]);
    expect(openedOf(r, 'reading').find(({ end }) => end === before.end)).toEqual({ ...before, flags: FLAG.resent });
  });
});
