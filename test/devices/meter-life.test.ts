import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCsr } from '../../devices/meter/csr.ts';
import { ReferenceMeter } from '../../devices/meter/meter.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { encodeCertificate } from '../../protocol/downlink.ts';
import { EVENT_CODE } from '../../protocol/plaintext.ts';
import { T0 } from '../support/mdms.ts';
import {
  acking,
  certificateFor,
  ENERGY_IMPORT,
  headOf,
  METER_ID,
  openedOf,
  play,
  rig,
  running,
  sealsOf,
  type TestRig,
} from '../support/meter-rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('clock and identity', () => {
  it('a time message sets the clock, and the meter tells', async () => {
    const r = await running({ clockDriftPpm: 100_000 });
    await r.meter.receive(r.mdms.time(METER_ID, 1, T0 + HOUR), T0 + HOUR);
    await play(r, T0, T0 + 2 * HOUR, () => 1);
    expect(openedOf(r, 'event')).toMatchObject([{ code: EVENT_CODE.clockSet, at: T0 / 1000 + 3600, value: T0 / 1000 + 3600 + 360 }]);
  });

  it.each([
    ['two hours slow', -2 * HOUR],
    ['ten years slow', -3650 * DAY],
    ['a day fast', DAY],
  ])('a clock that is %s is put right by the handshake itself', async (_, clockDriftMs) => {
    const r = await rig({ clockDriftMs });
    await r.turn(T0);
    await r.turn(T0 + 60_000);
    await play(r, T0, T0 + 2 * HOUR, () => 1);
    expect(openedOf(r, 'event')[0]).toMatchObject({ code: EVENT_CODE.clockSet });
    expect(Math.abs(openedOf(r, 'event')[0]!.at * 1000 - T0)).toBeLessThan(61_000);
    expect(r.mdms.slots.size).toBe(8);
  });

  it('renews its certificate over the link: new key made inside, switched only to the certificate for that key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const old = await createCsr(`m-${METER_ID}`, privateKey);
    const certificate = await certificateFor(old, `m-${METER_ID}`, T0 + 89 * DAY);
    const r = await rig({ identity: { privateKey, certificate } });
    const first = await r.meter.poll(T0);
    await r.meter.receive((await r.mdms.answer(first[0]!.bytes, publicKey, T0))!, T0);
    const renewals = [...first, ...(await r.meter.poll(T0 + HOUR)), ...(await r.meter.poll(T0 + DAY))].filter(
      ({ kind }) => kind === 'renewal',
    );
    expect(renewals).toHaveLength(2);
    expect(renewals[1]).toEqual(renewals[0]);
    const csr = r.mdms.renewalCsr(renewals[0]!.bytes, publicKey);
    const send = async (der: Buffer) =>
      r.meter.receive(r.mdms.downlink('certificate', METER_ID, 1, encodeCertificate({ certificate: der })), T0 + DAY);
    await send(await certificateFor(old, `m-${METER_ID}`, T0 + 1000 * DAY));
    await send(await certificateFor(csr, 'm-0000000000000001', T0 + 1000 * DAY));
    expect(r.meter.identity.certificate).toEqual(certificate);
    const renewed = await certificateFor(csr, `m-${METER_ID}`, T0 + 1000 * DAY);
    await send(renewed);
    expect(r.meter.identity.certificate).toEqual(renewed);
    expect(r.meter.identity.privateKey.equals(privateKey)).toBe(false);
    expect((await r.meter.poll(T0 + 3 * DAY)).filter(({ kind }) => kind === 'renewal')).toEqual([]);
  });

  it('a profile snapshot carries readings, days, seals and marks over a restart of the process', async () => {
    const r = await running();
    await play(acking(r), T0, T0 + 30 * HOUR, (slot) => slot % 300);
    const profile = ProfileStore.restore(r.options.profile.snapshot());
    const restarted = new ReferenceMeter({ ...r.options, profile });
    expect([...restarted.truth()]).toEqual([...r.meter.truth()]);
    const turn = async (now: number) => {
      const outputs = await restarted.poll(now);
      for (const { bytes } of outputs) r.mdms.open(bytes);
      return outputs;
    };
    const again: TestRig = { ...r, meter: restarted, turn };
    await play(again, T0 + 30 * HOUR, T0 + 50 * HOUR, (slot) => slot % 300);
    expect(r.mdms.slots.size).toBe(200);
    expect(sealsOf(r).map(({ seal }) => headOf(seal, r))).toEqual(sealsOf(r).map(({ seal }) => seal.channels[0]!.headEnd));
    expect(sealsOf(r)).toHaveLength(2);
  });

  it('import and export are channels of their own', async () => {
    const channels = [ENERGY_IMPORT, { ...ENERGY_IMPORT, obis: '1-0:2.8.0', direction: 'export' as const }];
    const asset = { intervalMinutes: 15, channels };
    const r = await running({ asset, profile: new ProfileStore({ intervalMinutes: 15, channels }) });
    for (let slot = 1; slot <= 100; slot++) {
      r.meter.measure(0, T0 + slot * 900_000, 7);
      r.meter.measure(1, T0 + slot * 900_000, slot);
      await r.turn(T0 + slot * 900_000 + 90_000);
    }
    expect(openedOf(r, 'reading').map(({ channel }) => channel)).toEqual(Array.from({ length: 50 }, (_, i) => i % 2));
    expect(sealsOf(r)[0]?.seal.channels.map(({ registerEnd }) => registerEnd)).toEqual([92 * 7, (92 * 93) / 2]);
    expect(() => r.meter.measure(2, T0, 1)).toThrow(RangeError);
  });
});
