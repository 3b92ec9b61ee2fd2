import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { type Accept, encodeAccept, encodeEpochIs, parseAccept, parseHello } from '../../protocol/handshake.ts';
import { dayKeyBy, type TestDayKey } from '../support/day-key.ts';
import { T0 } from '../support/mdms.ts';
import { ENERGY_IMPORT, METER_ID, rig, running, type TestRig } from '../support/meter-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

async function helloAt(r: TestRig, now: number): Promise<Buffer> {
  return (await r.meter.poll(now)).find(({ kind }) => kind === 'hello')!.bytes;
}

/** Makes the meter say HELLO at `now`, as an epoch request does. */
async function askedAt(r: TestRig, epoch: number, now: number): Promise<Buffer> {
  await r.meter.receive(r.mdms.downlink('epoch-request', METER_ID, epoch, Buffer.alloc(0)), now);
  return helloAt(r, now);
}

/** What a thief makes of a day key: an answer to this HELLO that names a time in the key's life. */
async function forged(r: TestRig, hello: Buffer, { dayKey, sign }: TestDayKey, change: Partial<Accept> = {}): Promise<Buffer> {
  const utc = dayKey.message.notAfter - 1;
  const { message } = parseAccept(await r.mdms.acceptOf(hello, utc));
  return (await encodeAccept({ ...message, dayKey, ...change }, sign)).bytes;
}

/** The true MDMS hears the meter's HELLO, if it says one, and answers. */
async function heard(r: TestRig, now: number): Promise<void> {
  for (const { kind, bytes } of await r.meter.poll(now)) {
    const answer = kind === 'hello' ? await r.mdms.answer(bytes, r.identityKey, now) : undefined;
    if (answer !== undefined) await r.meter.receive(answer, now);
  }
}

describe('a day key in the hands of a thief', () => {
  it('C10.1-2: is dead when its day is over, for a meter whose clock an ACCEPT has checked', async () => {
    const r = await running();
    const stolen = await r.mdms.dayKey(T0);
    const late = T0 + DAY + 11 * MINUTE;
    const hello = await askedAt(r, 1, late);
    await r.meter.receive(await forged(r, hello, stolen), late);
    await r.meter.receive(await forged(r, hello, stolen, { notBefore: late, notAfter: late + DAY }), late);
    expect(r.meter.status.pendingEpoch).toBeUndefined();
    expect([...r.meter.refusals]).toEqual([['validity', 2]]);
    await r.meter.receive((await r.mdms.answer(hello, r.identityKey, late))!, late);
    expect(r.meter.status.pendingEpoch).toBe(2);
  });

  it('C10.1-2: is dead for a meter that has lost the time when it took an ACCEPT of a later day, also after a restart', async () => {
    const r = await rig();
    const stolen = await dayKeyBy(r.mdms.handshake, T0 - DAY);
    await r.turn(T0 + 1);
    const profile = ProfileStore.restore(r.options.profile.snapshot());
    const again = await rig({ profile, clockDriftMs: -YEAR, manifest: await r.mdms.manifest() }, r.mdms);
    const hello = await helloAt(again, T0 + 8 * DAY);
    await again.meter.receive(await forged(again, hello, stolen), T0 + 8 * DAY);
    expect([...again.meter.refusals]).toEqual([['validity', 1]]);
    await again.meter.receive(await again.mdms.acceptOf(hello, T0 + 8 * DAY), T0 + 8 * DAY);
    expect(again.meter.status.pendingEpoch).toBe(1);
  });

  it("on its day it moves no checked clock by more than the clock's known error", async () => {
    const r = await running();
    const now = T0 + 10 * HOUR;
    const stolen = await r.mdms.dayKey(T0);
    const hello = await askedAt(r, 1, now);
    for (const utc of [T0, now - 11 * MINUTE, now + 11 * MINUTE, T0 + DAY - 1]) {
      await r.meter.receive(await forged(r, hello, stolen, { utc }), now);
      expect(r.meter.status.pendingEpoch).toBeUndefined();
    }
    expect([...r.meter.refusals]).toEqual([['validity', 4]]);
  });

  it('leads no meter astray for good: the true MDMS gets it back from the last epoch number, and from an epoch nobody knows', async () => {
    const r = await running();
    const stolen = await r.mdms.dayKey(T0);
    const first = parseHello(await askedAt(r, 1, T0 + HOUR)).message;
    const lie = { meterId: METER_ID, nonce: first.nonce, epoch: 65_534, dayKey: stolen.dayKey };
    await r.meter.receive((await encodeEpochIs(lie, stolen.sign)).bytes, T0 + HOUR);
    const last = await helloAt(r, T0 + HOUR);
    expect(parseHello(last).message.epoch).toBe(65_535);
    await r.meter.receive(await forged(r, last, stolen, { utc: T0 + HOUR, notBefore: T0 + HOUR }), T0 + HOUR);
    expect(r.meter.status.pendingEpoch).toBe(65_535);
    for (let day = 1; day < 12 && r.meter.status.pendingEpoch !== 2; day++) {
      for (let hour = 0; hour < 24; hour++) await heard(r, T0 + day * DAY + hour * HOUR);
    }
    expect(r.meter.status.pendingEpoch).toBe(2);
  });

  it('EPOCH-IS of another day is refused like ACCEPT', async () => {
    const r = await running();
    const late = T0 + 3 * DAY;
    const { nonce } = parseHello(await askedAt(r, 1, late)).message;
    for (const from of [T0, T0 + 4 * DAY]) {
      const { dayKey, sign } = await dayKeyBy(r.mdms.handshake, from);
      await r.meter.receive((await encodeEpochIs({ meterId: METER_ID, nonce, epoch: 40, dayKey }, sign)).bytes, late);
    }
    expect([...r.meter.refusals]).toEqual([['validity', 2]]);
    const { dayKey, sign } = await r.mdms.dayKey(late);
    await r.meter.receive((await encodeEpochIs({ meterId: METER_ID, nonce, epoch: 40, dayKey }, sign)).bytes, late);
    expect(parseHello(await helloAt(r, late)).message.epoch).toBe(41);
  });
});

describe('honest answers', () => {
  it('property: a meter gets its epoch whatever its clock says, and knows the time afterwards', async () => {
    const offsets = fc.integer({ min: -20 * YEAR, max: 20 * YEAR });
    await fc.assert(
      fc.asyncProperty(offsets, fc.nat(DAY - 1), fc.nat(2 * HOUR), async (clockDriftMs, ageOfDayKey, delay) => {
        const r = await rig({ clockDriftMs });
        await r.mdms.dayKey(T0 + DAY - ageOfDayKey);
        const hello = await helloAt(r, T0 + DAY);
        await r.meter.receive(await r.mdms.acceptOf(hello, T0 + DAY), T0 + DAY + delay);
        expect(r.meter.status.pendingEpoch).toBe(1);
        const setTo = r.options.profile.marks.clockSetAt * 1000;
        expect(setTo === 0 || Math.abs(setTo - (T0 + DAY)) <= delay + 1000).toBe(true);
        if (Math.abs(clockDriftMs) > delay + 1000) expect(setTo).not.toBe(0);
      }),
      {
        numRuns: 40,
        examples: [
          [0, 0, 0],
          [20 * YEAR, 0, 0],
        ],
      },
    );
  });

  it('a recorded ACCEPT counts when its day is over: the meter asks for three days', async () => {
    const r = await rig();
    const hello = await helloAt(r, T0);
    const accept = await r.mdms.acceptOf(hello, T0);
    const late = T0 + 3 * DAY - HOUR;
    expect(await helloAt(r, late)).toEqual(hello);
    await r.meter.receive(accept, late);
    expect(r.meter.status.pendingEpoch).toBe(1);
  });

  it('a meter whose checked clock went wrong refuses what is true, and finds back after ten days by that clock', async () => {
    const r = await running({ clockDriftPpm: 20_000 });
    const hello = await askedAt(r, 1, T0 + 5 * DAY);
    await r.meter.receive(await r.mdms.acceptOf(hello, T0 + 5 * DAY), T0 + 5 * DAY);
    expect([...r.meter.refusals]).toEqual([['validity', 1]]);
    const late = T0 + 11 * DAY;
    const again = await helloAt(r, late);
    await r.meter.receive(await r.mdms.acceptOf(again, late), late);
    expect(r.meter.status.pendingEpoch).toBeDefined();
  });

  it('a clock is known no better than the handshake that checked it was quick', async () => {
    const r = await rig({ clockDriftMs: DAY });
    const hello = await helloAt(r, T0);
    await r.meter.receive(await r.mdms.acceptOf(hello, T0 + 1.5 * DAY), T0 + 2 * DAY);
    await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15), T0 + 2 * DAY);
    const now = T0 + 2 * DAY + HOUR;
    const next = await askedAt(r, 1, now);
    await r.meter.receive(await r.mdms.acceptOf(next, now), now);
    expect([r.meter.status.pendingEpoch, r.meter.refusals.size]).toEqual([2, 0]);
  });

  it('a clock that a message set, perhaps long under way, is doubtful', async () => {
    const r = await running();
    await r.meter.receive(r.mdms.time(METER_ID, 1, T0 - 30 * DAY), T0 + HOUR);
    const hello = await askedAt(r, 1, T0 + HOUR);
    await r.meter.receive(await r.mdms.acceptOf(hello, T0 + HOUR), T0 + HOUR);
    expect([r.meter.status.pendingEpoch, r.meter.refusals.size]).toEqual([2, 0]);
  });

  it('a power failure makes the clock doubtful: what came meanwhile is taken', async () => {
    const r = await running({ clockDriftPpm: 20_000 });
    const hello = await askedAt(r, 1, T0 + 5 * DAY);
    const accept = await r.mdms.acceptOf(hello, T0 + 5 * DAY);
    await r.meter.receive(accept, T0 + 5 * DAY);
    expect(r.meter.status.pendingEpoch).toBeUndefined();
    r.meter.reboot();
    const fresh = await askedAt(r, 1, T0 + 5 * DAY);
    await r.meter.receive(await r.mdms.acceptOf(fresh, T0 + 5 * DAY), T0 + 5 * DAY);
    expect(r.meter.status.pendingEpoch).toBe(3);
  });

  it('what an MDMS with a clock ahead made a meter believe, the root takes back', async () => {
    const r = await rig({ asset: { intervalMinutes: 15, channels: [ENERGY_IMPORT] } });
    const ahead = T0 + YEAR;
    const hello = await helloAt(r, T0);
    await r.meter.receive(await r.mdms.acceptOf(hello, ahead), T0);
    await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15), T0);
    r.meter.reboot();
    const next = await askedAt(r, 1, T0 + DAY);
    const accept = await r.mdms.acceptOf(next, T0 + DAY);
    await r.meter.receive(accept, T0 + DAY);
    expect([...r.meter.refusals]).toEqual([['validity', 1]]);
    await r.meter.receive(await r.mdms.manifest(2), T0 + DAY);
    await r.meter.receive(accept, T0 + DAY);
    expect(r.meter.status.pendingEpoch).toBe(2);
  });
});
