import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amendMeter } from '../../lambdas/enrol/standing.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { lowS, signerOf } from '../../protocol/cose.ts';
import { encodeHello } from '../../protocol/handshake.ts';
import { meterThing } from '../../topology/device-access.ts';
import { fingerprintOf } from '../support/memory-platform.ts';
import { failedIds } from '../support/sqs.ts';
import { DAY, makeScene, type Scene, TestMeter } from './scene.ts';

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Nothing went out, nothing was agreed, nothing comes back to the queue. */
async function expectSilence(scene: Scene, ...messages: Buffer[]): Promise<void> {
  const calls = scene.kmsCalls();
  expect(failedIds(await scene.handshake('north-1', ...messages))).toEqual([]);
  expect(scene.allDown()).toEqual([]);
  expect(scene.kmsCalls()).toBe(calls);
  expect([...scene.world.keys.rows.keys()].filter((id) => id.startsWith('epoch/'))).toEqual([]);
}

function junk(scene: Scene, dcId = 'north-1'): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of scene.relayEvents(dcId)) {
    if (event.type !== 'JunkCounted') continue;
    for (const [reason, count] of Object.entries(event.data.counts)) counts[reason] = (counts[reason] ?? 0) + count;
  }
  return counts;
}

describe('hostile HELLOs', () => {
  it('C10.1-2: D1 a HELLO signed by another key, or by another meter, is refused', async () => {
    const scene = await makeScene({ meters: 2 });
    const [meter, other] = scene.meters;
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = await meter!.hello(1, {}, signerOf(stranger.privateKey));
    const relabelled = await meter!.hello(2, {}, signerOf(other!.privateKey));
    await expectSilence(scene, forged.hello.bytes, relabelled.hello.bytes);
    expect(scene.reasons(meter!)).toEqual(['not-authentic', 'not-authentic']);
    const [first] = scene.meterEvents(meter!).filter((event) => event.type === 'EpochRefused');
    expect(first!.data.hash).toEqual(createHash('sha256').update(forged.hello.bytes).digest());
  });

  it('C10.1-2: a signature over another message does not count', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const honest = await meter!.hello(1);
    const moved = await meter!.hello(2, {}, () => honest.hello.signature);
    await expectSilence(scene, moved.hello.bytes);
    expect(scene.reasons(meter!)).toEqual(['not-authentic']);
  });

  it('C10.1-2: the high-S twin of an honest HELLO is refused', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const { hello } = await meter!.hello(1);
    const s = BigInt(`0x${hello.signature.subarray(32).toString('hex')}`);
    const twin = Buffer.concat([hello.bytes.subarray(0, -32), Buffer.from((P256_ORDER - s).toString(16).padStart(64, '0'), 'hex')]);
    await expectSilence(scene, twin);
    expect(junk(scene)).toEqual({ 'frame-layout': 1 });
  });

  it('C10.1-2: a revoked certificate is refused', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const device = await scene.world.devices.find(meterThing(meter!.meterId));
    await scene.world.devices.revoke(device!.certificates[0]!.fingerprint);
    await expectSilence(scene, (await meter!.hello(1)).hello.bytes);
    expect(scene.reasons(meter!)).toEqual(['certificate-revoked']);
  });

  it('C10.1-2: D10 a certificate the registry does not know, expired or not yet valid is refused', async () => {
    const cases: [string, (scene: Scene) => void][] = [
      ['certificate-unknown', ({ world, meters }) => void world.devices.things.delete(meterThing(meters[0]!.meterId))],
      ['certificate-expired', ({ world }) => world.clock.advance(6 * 365 * DAY)],
      ['certificate-not-yet-valid', ({ world }) => world.clock.advance(-DAY)],
    ];
    for (const [reason, spoil] of cases) {
      const scene = await makeScene();
      const said = await scene.meters[0]!.hello(1);
      const brokerTime = scene.now;
      spoil(scene);
      const calls = scene.kmsCalls();
      await scene.deliver('handshake', [scene.body('north-1', said.hello.bytes, brokerTime)]);
      expect(scene.reasons(scene.meters[0]!), reason).toEqual([reason]);
      expect(scene.allDown()).toEqual([]);
      expect(scene.kmsCalls()).toBe(calls);
    }
  });

  it('C10.1-2: a quarantined or retired meter is refused, and a released one is heard again', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const enrol = scene.world.as('enrol');
    const segments = new Segments(enrol);
    const at = scene.now;
    await amendMeter(enrol, segments, meter!.meterId, { type: 'Quarantine', reason: 'tamper', at });
    await expectSilence(scene, (await meter!.hello(1)).hello.bytes);
    await amendMeter(enrol, segments, meter!.meterId, { type: 'Release', at });
    await scene.handshake('north-1', (await meter!.hello(2)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
    await amendMeter(enrol, segments, meter!.meterId, { type: 'Retire', at });
    await scene.handshake('north-1', (await meter!.hello(3)).hello.bytes);
    expect(scene.down('north-1')).toEqual([]);
    expect(scene.reasons(meter!)).toEqual(['meter-quarantined']);
    expect(junk(scene)).toEqual({ 'meter-retired': 1 });
    const statuses = (await scene.world.devices.find(meterThing(meter!.meterId)))!.certificates.map(({ status }) => status);
    expect(statuses).toEqual(['revoked']);
  });

  it('C10.1-2: D13 a meter with a valid certificate that is in no stock list is refused', async () => {
    const scene = await makeScene();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const stranger = new TestMeter('00124b00000000ff', privateKey, () => scene.keyring.keys[0]!);
    await expectSilence(scene, (await stranger.hello(1)).hello.bytes);
    expect(junk(scene)).toEqual({ 'unknown-meter': 1 });
    expect(scene.meterEvents(stranger)).toEqual([]);
  });

  it('C10.1-1: a HELLO over a concentrator the meter is not assigned to is refused', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await scene.handshake('north-2', (await meter!.hello(1)).hello.bytes);
    expect(scene.allDown()).toEqual([]);
    expect(scene.reasons(meter!)).toEqual(['unassigned-relay']);
  });

  it('C10.1-2: D4 a point off the curve, at infinity, uncompressed or of another curve is refused', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const uncompressed = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
    const points = [
      Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 0xff)]),
      Buffer.alloc(1),
      Buffer.alloc(33),
      Buffer.from(uncompressed),
      Buffer.concat([Buffer.from([2]), randomBytes(47)]),
    ];
    const messages = await Promise.all(points.map((ephemeral, i) => meter!.hello(i + 1, { ephemeral })));
    await expectSilence(scene, ...messages.map(({ hello }) => hello.bytes));
    expect(junk(scene)).toEqual({ 'frame-layout': points.length });
  });

  it('C10.1-2: D6 a suite nobody knows is refused, and so is epoch 0', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const messages = await Promise.all([meter!.hello(1, { suite: 0 }), meter!.hello(1, { suite: 2 }), meter!.hello(0)]);
    await expectSilence(scene, ...messages.map(({ hello }) => hello.bytes));
    expect(junk(scene)).toEqual({ 'frame-layout': 3 });
  });

  it('C10.1-2: no truncation, extension or flipped bit of a HELLO is answered', async () => {
    const scene = await makeScene();
    const { bytes } = (await scene.meters[0]!.hello(1)).hello;
    const damaged = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 64 }).map((tail) => Buffer.concat([bytes, tail])),
      fc.nat(bytes.length * 8 - 1).map((bit) => {
        const copy = Buffer.from(bytes);
        copy[bit >> 3]! ^= 1 << (bit & 7);
        return copy;
      }),
      fc.uint8Array({ maxLength: 5_000 }).map((noise) => Buffer.from(noise)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(damaged, { minLength: 1, maxLength: 10 }), (messages) => expectSilence(scene, ...messages)),
      { numRuns: 60 },
    );
  });

  it('what no rule of the gateway wrote goes back to the queue and ends aside', async () => {
    const scene = await makeScene();
    const bodies = ['', '{}', 'null', '{"dcId":"NORTH","brokerTime":1,"message":""}', '{"dcId":"north-1","brokerTime":"1","message":""}'];
    expect(failedIds(await scene.deliver('handshake', bodies))).toHaveLength(bodies.length);
    const honest = scene.body('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
    expect(failedIds(await scene.deliver('handshake', ['not json', honest]))).toEqual(['message-0']);
    expect(scene.down('north-1')).toHaveLength(1);
  });

  it('a refusal says nothing outward and nothing in the log', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const sign1 = (tbs: Buffer) =>
      lowS(sign('sha256', tbs, { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, dsaEncoding: 'ieee-p1363' }));
    const forged = await encodeHello({ ...(await meter!.hello(1)).hello.message }, sign1);
    await expectSilence(scene, forged.bytes);
    const logged = JSON.stringify(scene.world.logged);
    for (const secret of [meter!.meterId, forged.bytes.toString('hex'), forged.bytes.toString('base64'), fingerprintOf(forged.bytes)]) {
      expect(logged).not.toContain(secret);
    }
  });
});
