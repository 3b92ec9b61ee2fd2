import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import { cborArray, cborBytes, cborUint } from '../../protocol/cbor.ts';
import { signerOf, signMessage } from '../../protocol/cose.ts';
import { DOWNLINK_TYPES, encodeAck, encodeDownlink, encodeDownlinkCode } from '../../protocol/downlink.ts';
import { T0 } from '../support/mdms.ts';
import { METER_ID, openedOf, play, rig, running } from '../support/meter-rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LISTED = new Set<number>(Object.values(DOWNLINK_TYPES));

describe('what the meter obeys', () => {
  it('T8-P4: an unknown downlink type is refused whichever of our keys vouches for it, and changes nothing', async () => {
    const nvram = new MemoryNvram();
    const r = await running({ nvram });
    await play(r, T0, T0 + 2 * HOUR, () => 5);
    const before = { nvram: nvram.read()!.toString('hex'), profile: r.options.profile.snapshot().toString('hex') };
    const { macDown } = r.mdms.secrets.get(1)!;
    const unknown = Array.from({ length: 300 }, (_, code) => code).filter((code) => !LISTED.has(code));
    for (const code of [...unknown, 65_535]) {
      const message = { meterId: METER_ID, epoch: 1, dnSeq: 1000 + code, body: Buffer.from([0]) };
      await r.meter.receive(encodeDownlinkCode(code, message, macDown), T0 + 2 * HOUR);
    }
    expect(r.meter.refusals.get('type')).toBe(unknown.length + 1);
    for (const { privateKey } of [r.mdms.handshake, r.mdms.agreement, r.mdms.root]) {
      for (const context of ['JK1 switch', 'JK1 accept', 'JK1 keys', 'JK1 down']) {
        const payload = cborArray([cborUint(7), cborUint(1), cborBytes(Buffer.from(METER_ID, 'hex')), cborBytes(Buffer.from('off'))]);
        await r.meter.receive((await signMessage(context, {}, payload, signerOf(privateKey))).bytes, T0 + 2 * HOUR);
      }
    }
    expect(r.meter.refusals.get('layout')).toBe(12);
    expect({ nvram: nvram.read()!.toString('hex'), profile: r.options.profile.snapshot().toString('hex') }).toEqual(before);
  });

  it('C10.1-3: a message with a wrong or foreign MAC is refused, and its sequence stays free', async () => {
    const r = await running();
    await play(r, T0, T0 + HOUR, () => 5);
    const good = r.mdms.ack(METER_ID, 1, T0 / 1000, 15);
    for (let at = good.length - 32; at < good.length; at++) {
      const flipped = Buffer.from(good);
      flipped[at]! ^= 1;
      await r.meter.receive(flipped, T0 + HOUR);
    }
    const foreign = createSecretKey(Buffer.alloc(32, 7));
    const body = encodeAck({ channels: [{ channel: 0, end: T0 / 1000 + 3600, bitmap: Buffer.alloc(24), held: Buffer.alloc(24) }] });
    await r.meter.receive(encodeDownlink({ type: 'ack', meterId: METER_ID, epoch: 1, dnSeq: 99, body }, foreign), T0 + HOUR);
    expect(r.meter.status.unacknowledged).toBe(4);
    expect([...r.meter.refusals]).toEqual([['mac', 33]]);
    await r.meter.receive(good, T0 + HOUR);
    expect(r.meter.status.unacknowledged).toBe(0);
  });

  it('T8-P4, C10.1-3: a message is obeyed once: no replay, nothing older, not after a reboot, nothing for another meter', async () => {
    const r = await running();
    await play(r, T0, T0 + HOUR, () => 5);
    const older = r.mdms.time(METER_ID, 1, T0 - 30 * DAY);
    const ack = r.mdms.ack(METER_ID, 1, T0 / 1000, 15);
    await r.meter.receive(ack, T0 + HOUR);
    await r.meter.receive(ack, T0 + HOUR);
    await r.meter.receive(older, T0 + HOUR);
    r.meter.reboot();
    await r.meter.receive(older, T0 + HOUR);
    expect([...r.meter.refusals]).toEqual([['sequence', 3]]);
    expect(r.options.profile.marks.clockSetAt).toBe(0);
    const { macDown } = r.mdms.secrets.get(1)!;
    const misled = { type: 'epoch-request', meterId: '02a1b2c3d4e5f608', epoch: 1, dnSeq: 500, body: Buffer.alloc(0) } as const;
    await r.meter.receive(encodeDownlink(misled, macDown), T0 + HOUR);
    expect(r.meter.refusals.get('meter')).toBe(1);
  });

  it('junk never throws', async () => {
    const r = await running();
    const good = r.mdms.ack(METER_ID, 1, T0 / 1000, 15);
    const junk: Buffer[] = [Buffer.alloc(0), Buffer.of(0x84), Buffer.alloc(70_000, 0x84), Buffer.from('{"type":"ack"}')];
    for (let cut = 0; cut < good.length; cut++) junk.push(good.subarray(0, cut));
    for (const bytes of junk) await r.meter.receive(bytes, T0);
    await r.meter.receive(r.mdms.downlink('ack', METER_ID, 1, Buffer.from('ff', 'hex')), T0);
    expect([...r.meter.refusals.values()].reduce((sum, count) => sum + count, 0)).toBe(junk.length + 1);
    expect(r.meter.status.epoch).toBe(1);
  });
});

describe('acknowledgements and resends', () => {
  it('a gap request seals exactly the missing slots again, in the next scheduled slot', async () => {
    const r = await running();
    await play(r, T0, T0 + 6 * HOUR, (slot) => slot % 100);
    const missing = [
      { channel: 0, from: T0 / 1000 + 3600, to: T0 / 1000 + 7200 },
      { channel: 0, from: T0 / 1000 + 6300, to: T0 / 1000 + 9000 },
      { channel: 3, from: 0, to: 10 },
      { channel: 0, from: T0 / 1000 + 30 * 3600, to: T0 / 1000 + 40 * 3600 },
    ];
    await r.meter.receive(r.mdms.resend(METER_ID, 1, missing), T0 + 6 * HOUR + 100_000);
    expect(await r.meter.poll(T0 + 6 * HOUR + 200_000)).toEqual([]);
    r.mdms.opened.length = 0;
    await play(r, T0 + 6 * HOUR, T0 + 7 * HOUR, () => 1);
    const again = openedOf(r, 'reading').filter(({ flags }) => flags === 1);
    expect(again.flatMap(({ end, deltas }) => deltas.map((_, i) => (end - T0 / 1000) / 900 - deltas.length + 1 + i))).toEqual([
      4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(again.flatMap(({ deltas }) => deltas)).toEqual([4, 5, 6, 7, 8, 9, 10].map((slot) => (T0 / 900_000 + slot) % 100));
  });

  it('slots that nobody acknowledges are sealed again after 26 hours, held ones only after another 24', async () => {
    const r = await running();
    const lost = new Set([5, 6, 7, 8].map((slot) => T0 / 1000 + slot * 900));
    const kept = new Set([13, 14].map((slot) => T0 / 1000 + slot * 900));
    const resentAt = new Map<number, number>();
    for (let hour = 0; hour < 80; hour++) {
      await play(r, T0 + hour * HOUR, T0 + (hour + 1) * HOUR, () => 9);
      for (const { end, deltas, flags } of openedOf(r, 'reading')) {
        if (flags !== 1) continue;
        for (const i of deltas.keys()) resentAt.set(end - i * 900, resentAt.get(end - i * 900) ?? hour);
      }
      r.mdms.opened.length = 0;
      for (const end of [...lost, ...kept]) if (!resentAt.has(end)) r.mdms.slots.delete(`0 ${end}`);
      await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15, hour < 60 ? [...kept] : []), T0 + (hour + 1) * HOUR + 120_000);
    }
    expect(new Set(resentAt.keys())).toEqual(new Set([...lost, ...kept]));
    for (const end of lost) expect(resentAt.get(end)).toBeGreaterThanOrEqual(26);
    for (const end of lost) expect(resentAt.get(end)).toBeLessThan(52);
    for (const end of kept) expect(resentAt.get(end)).toBeGreaterThanOrEqual(26);
    expect(r.meter.status).toMatchObject({ unacknowledged: 0, held: 0 });
  });

  it('a held slot is not sent for 24 hours, even when it is asked for', async () => {
    const r = await running();
    await play(r, T0, T0 + 2 * HOUR, () => 9);
    const held = [3, 4].map((slot) => T0 / 1000 + slot * 900);
    for (const end of held) r.mdms.slots.delete(`0 ${end}`);
    await r.meter.receive(r.mdms.ack(METER_ID, 1, T0 / 1000, 15, held), T0 + 2 * HOUR);
    expect(r.meter.status).toMatchObject({ held: 2, unacknowledged: 2 });
    const ask = (now: number) =>
      r.meter.receive(r.mdms.resend(METER_ID, 1, [{ channel: 0, from: T0 / 1000 + 900, to: T0 / 1000 + 4500 }]), now);
    const resent = async (hour: number) => {
      r.mdms.opened.length = 0;
      await ask(T0 + hour * HOUR + 100_000);
      await play(r, T0 + hour * HOUR, T0 + (hour + 1) * HOUR, () => 9);
      return openedOf(r, 'reading').flatMap(({ flags, end, deltas }) =>
        flags === 1 ? deltas.map((_, i) => (end - i * 900 - T0 / 1000) / 900) : [],
      );
    };
    expect((await resent(2)).sort()).toEqual([1, 2, 5]);
    expect((await resent(26)).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('an acknowledgement ahead of what was sent is not believed', async () => {
    const r = await rig();
    await r.turn(T0);
    for (let slot = 1; slot <= 8; slot++) r.meter.measure(0, T0 + slot * 900_000, 1);
    const body = encodeAck({ channels: [{ channel: 0, end: T0 / 1000 + 7200, bitmap: Buffer.alloc(24, 255), held: Buffer.alloc(24) }] });
    await r.meter.receive(r.mdms.downlink('ack', METER_ID, 1, body), T0 + 2 * HOUR);
    expect(r.meter.status).toMatchObject({ unacknowledged: 8, ackedTo: [0] });
  });
});
