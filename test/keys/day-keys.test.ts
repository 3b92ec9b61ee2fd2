import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LADDER } from '../../domain/enrolment/limits.ts';
import { DayKeys } from '../../lambdas/keys/day-keys.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { firstGenerations, issueManifest, type KeyringKey, nextGenerations } from '../../lambdas/shared/keys/manifest.ts';
import type { Kms } from '../../platform/ports/kms.ts';
import { signatureTbs, signerOf, verifySignature } from '../../protocol/cose.ts';
import { DAY_KEY_LIFE, verifyDaySigned } from '../../protocol/day-key.ts';
import { type Accept, parseAccept, parseEpochIs, type SignedMessage } from '../../protocol/handshake.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { DAY, HOUR, makeScene, type Scene, type TestMeter } from './scene.ts';

/** A HELLO and its ACCEPT. */
async function shakeHands(scene: Scene, meter: TestMeter, epoch: number): Promise<SignedMessage<Accept>> {
  await scene.handshake('north-1', (await meter.hello(epoch)).hello.bytes);
  return parseAccept(scene.down('north-1').at(-1)!.bytes);
}

const calls = ({ world }: Scene) => ({ sign: world.kms.count('sign'), agree: world.kms.count('deriveSharedSecret') });

describe('the key of the day', () => {
  it('a handshake is one call of the key service, after the first of a day', async () => {
    const scene = await makeScene({ meters: 6 });
    const [first, ...others] = scene.meters;
    await shakeHands(scene, first!, 1);
    expect(calls(scene)).toEqual({ sign: 1, agree: 1 });
    for (const [i, meter] of others.entries()) {
      scene.world.clock.advance(HOUR);
      await shakeHands(scene, meter, 1);
      expect(calls(scene)).toEqual({ sign: 1, agree: 2 + i });
    }
    const before = scene.world.kms.calls.length;
    await shakeHands(scene, others.at(-1)!, 2);
    expect(scene.world.kms.calls.slice(before)).toEqual(['keys deriveSharedSecret agreement-1']);
  });

  it('of many first HELLOs at once one certificate comes', async () => {
    const scene = await makeScene({ meters: 5 });
    const said = await Promise.all(scene.meters.map((meter) => meter.hello(1)));
    await scene.handshake('north-1', ...said.map(({ hello }) => hello.bytes));
    const certificates = scene.down('north-1').map(({ bytes }) => parseAccept(bytes).message.dayKey.bytes.toString('hex'));
    expect([certificates.length, new Set(certificates).size]).toEqual([5, 1]);
    expect(calls(scene)).toEqual({ sign: 1, agree: 5 });
  });

  it('lives a day from its first use, and another key comes after it, in every process its own', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const points: string[] = [];
    const take = async (epoch: number, after: number) => {
      scene.world.clock.advance(after);
      const { message } = await shakeHands(scene, meter!, epoch);
      const { point, notBefore, notAfter } = message.dayKey.message;
      expect(message.utc).toBe(scene.now);
      expect([notBefore <= scene.now && scene.now < notAfter, notAfter - notBefore]).toEqual([true, DAY_KEY_LIFE]);
      points.push(point.toString('hex'));
    };
    await take(1, 0);
    await take(2, DAY - 1);
    await take(3, 1);
    scene.restart();
    await take(4, 0);
    expect(points[1]).toBe(points[0]);
    expect(new Set(points).size).toBe(3);
    expect(calls(scene)).toEqual({ sign: 3, agree: 4 });
  });

  it('the handshake key certifies it in its own context, and signs nothing else', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const accept = await shakeHands(scene, meter!, 1);
    await scene.handshake('north-1', (await meter!.hello(40)).hello.bytes);
    const epochIs = parseEpochIs(scene.down('north-1')[0]!.bytes);
    const handshake = scene.keyring.keys.find(({ use }) => use === 'handshake')!;
    const key = createPublicKey({ key: handshake.spki, format: 'der', type: 'spki' });
    expect(accept.message.dayKey.message.handshakeKeyId).toBe(handshake.keyId);
    expect(epochIs.message.dayKey).toEqual(accept.message.dayKey);
    expect([accept, epochIs].map((answer) => verifyDaySigned(answer, key))).toEqual([true, true]);
    const { bytes, signature } = accept.message.dayKey;
    expect(verifySignature(signatureTbs('JK1 day key', bytes.subarray(8, -66)), signature, key)).toBe(true);
    expect(scene.world.kms.calls.filter((call) => call.includes(' sign '))).toEqual(['keys sign handshake-1']);
  });

  it('a new handshake key certifies a new one', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await shakeHands(scene, meter!, 1);
    const generations = nextGenerations(firstGenerations(scene.now), 'handshake-2', 'handshake', scene.now);
    scene.world.clock.advance(HOUR);
    scene.keyring = await issueManifest(scene.world.as('keys'), generations, 2, signerOf(scene.root.privateKey));
    const { message } = await shakeHands(scene, meter!, 2);
    const newest = scene.keyring.keys.find(({ kmsKeyId }) => kmsKeyId === 'handshake-2')!;
    expect(message.dayKey.message.handshakeKeyId).toBe(newest.keyId);
  });

  it('the recorded ACCEPT goes out again byte for byte when its day is over, for no call', async () => {
    const scene = await makeScene();
    const said = await scene.meters[0]!.hello(1);
    await scene.handshake('north-1', said.hello.bytes);
    const [first] = scene.down('north-1');
    const before = calls(scene);
    scene.world.clock.advance(2 * DAY);
    scene.restart();
    await scene.handshake('north-1', said.hello.bytes);
    expect(scene.down('north-1')).toEqual([first]);
    expect(calls(scene)).toEqual(before);
  });

  it('R9.1-1: no principal but keys gets one certified', async () => {
    for (const principal of PRINCIPALS) {
      const scene = await makeScene();
      const handshake = scene.keyring.keys.find(({ use }) => use === 'handshake')!;
      const signed = await new DayKeys(scene.world.as(principal)).signer(handshake, scene.now).catch(({ code }) => code as string);
      expect([principal, typeof signed === 'string' ? signed : 'certified']).toEqual([
        principal,
        principal === 'keys' ? 'certified' : 'ERR_KMS_ACCESS_DENIED',
      ]);
    }
  });
});

describe('keeping the key of the day', () => {
  const handshake = { kmsKeyId: 'handshake-1', keyId: '0123456789abcdef', notAfter: 10 * DAY } as KeyringKey;

  function keysWith(sign: Kms['sign']): DayKeys {
    return new DayKeys({ kms: { sign } as Kms });
  }

  it('a call that failed is made again', async () => {
    let attempts = 0;
    const keys = keysWith(async () => {
      attempts++;
      if (attempts === 1) throw new Error('throttled');
      return Buffer.alloc(64, 1);
    });
    await expect(keys.signer(handshake, 0)).rejects.toThrow('throttled');
    const signer = await keys.signer(handshake, 1);
    expect((await keys.signer(handshake, 2)).dayKey).toBe(signer.dayKey);
    expect(attempts).toBe(2);
  });

  it('is forgotten when its day is over, when the clock goes back, and ends with the handshake key', async () => {
    const keys = keysWith(async () => Buffer.alloc(64, 1));
    const first = await keys.signer(handshake, DAY);
    keys.dropPast(2 * DAY - 1);
    expect((await keys.signer(handshake, 2 * DAY - 1)).dayKey).toBe(first.dayKey);
    keys.dropPast(2 * DAY);
    const second = await keys.signer(handshake, 2 * DAY - 1);
    expect(second.dayKey).not.toBe(first.dayKey);
    expect((await keys.signer(handshake, 0)).dayKey.message.notBefore).toBe(0);
    const last = await keys.signer(handshake, handshake.notAfter - HOUR);
    expect(last.dayKey.message.notAfter).toBe(handshake.notAfter);
  });
});

describe('what a HELLO asks of the device registry', () => {
  /** A worker whose registry look-ups are counted. */
  function counted(scene: Scene) {
    const asked: string[] = [];
    const platform = scene.world.as('keys');
    const { devices } = platform;
    const counting = Object.assign(Object.create(devices) as typeof devices, {
      certificateStatus: (fingerprint: string) => {
        asked.push('status');
        return devices.certificateStatus(fingerprint);
      },
      find: (thing: string) => {
        asked.push('find');
        return devices.find(thing);
      },
    });
    const handler = makeKeys({ ...platform, devices: counting }, ALL_DEFENCES);
    const say = async (bytes: Buffer) => {
      asked.length = 0;
      expect(failedIds(await handler(sqsEvent('handshake', [scene.body('north-1', bytes)]), lambdaContext('keys')))).toEqual([]);
      return [...asked];
    };
    return say;
  }

  it('one look-up for a HELLO that verified, again for its repetition, none for a forged one', async () => {
    const scene = await makeScene({ meters: 2 });
    const [meter, other] = scene.meters;
    const say = counted(scene);
    const { bytes } = (await meter!.hello(1)).hello;
    expect([await say(bytes), await say(bytes)]).toEqual([['status'], ['status']]);
    const forged = await meter!.hello(2, {}, signerOf(other!.privateKey));
    expect(await say(forged.hello.bytes)).toEqual([]);
    expect(scene.reasons(meter!)).toEqual(['not-authentic']);
  });

  it('a second one while the certificate before may still have to be retired, and no more when 90 days are over', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const { bytes, privateKey } = await meter!.renewal();
    await scene.handshake('north-1', bytes);
    meter!.privateKey = privateKey;
    const say = counted(scene);
    scene.world.clock.advance(HOUR);
    expect(await say((await meter!.hello(1)).hello.bytes)).toEqual(['status', 'status']);
    scene.world.clock.advance(LADDER.previousCertificate + 2 * DAY);
    expect(await say((await meter!.hello(2)).hello.bytes)).toEqual(['status', 'status']);
    expect(await say((await meter!.hello(3)).hello.bytes)).toEqual(['status']);
  });

  it('C10.1-2: a certificate revoked between two HELLOs is refused at the second', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await shakeHands(scene, meter!, 1);
    const [thing] = [...scene.world.devices.things.values()].filter(({ role }) => role === 'meter');
    await scene.world.devices.revoke(thing!.certificates[0]!.fingerprint);
    await scene.handshake('north-1', (await meter!.hello(2)).hello.bytes);
    expect(scene.down('north-1')).toEqual([]);
    expect(scene.reasons(meter!)).toEqual(['certificate-revoked']);
  });
});
