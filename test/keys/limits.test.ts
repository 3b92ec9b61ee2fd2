import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../../protocol/cose.ts';
import { encodeHello, ephemeralPair } from '../../protocol/handshake.ts';
import { failedIds } from '../support/sqs.ts';
import { DAY, HOUR, makeScene, type Scene, type TestMeter } from './scene.ts';

const { privateKey: forger } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { point } = ephemeralPair();

/** Cheap forgeries: well formed, wrongly signed. */
function forge(scene: Scene, meterId: string): Promise<Buffer> {
  const hello = { meterId, epoch: 1, suite: 1, ephemeral: point, nonce: randomBytes(16), agreementKeyId: scene.keyring.keys[0]!.keyId };
  return encodeHello(hello, signerOf(forger)).then(({ bytes }) => bytes);
}

async function flood(scene: Scene, dcId: string, meterId: () => string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 200) {
    const messages = await Promise.all(Array.from({ length: 200 }, () => forge(scene, meterId())));
    expect(failedIds(await scene.handshake(dcId, ...messages))).toEqual([]);
  }
}

const refused = (scene: Scene, meter: TestMeter): number => scene.reasons(meter).length;

describe('floods of HELLOs', () => {
  it('C10.1-8: forged HELLOs cause no KMS call, no key row and few events', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await flood(scene, 'north-1', () => meter!.meterId, 600);
    expect(scene.kmsCalls()).toBe(0);
    expect([...scene.world.keys.rows.keys()].filter((id) => id.startsWith('epoch/'))).toEqual([]);
    expect(refused(scene, meter!)).toBe(8);
    const counted = scene.relayEvents('north-1').filter((event) => event.type === 'JunkCounted');
    expect(counted.length).toBeLessThanOrEqual(32);
  });

  it('C10.1-8: a day of forged HELLOs under every bucket leaves few events, and all of them are counted', async () => {
    const scene = await makeScene({ meters: 2 });
    const [meter] = scene.meters;
    const day = Math.ceil(scene.now / DAY) * DAY;
    scene.world.clock.set(day);
    for (let hour = 0; hour < 24; hour++) {
      scene.world.clock.set(day + hour * HOUR);
      const messages = await Promise.all(Array.from({ length: 30 }, () => forge(scene, meter!.meterId)));
      await scene.handshake('north-1', ...messages);
    }
    scene.world.clock.set(day + DAY);
    await scene.handshake('north-1', await forge(scene, meter!.meterId));
    const counted = scene.relayEvents('north-1').flatMap((event) => (event.type === 'JunkCounted' ? [event.data.counts] : []));
    expect(refused(scene, meter!)).toBe(8 + 1);
    expect(counted.length).toBeLessThanOrEqual(256 + 25);
    const sum = counted.reduce((total, counts) => total + (counts['not-authentic'] ?? 0), 0);
    // what came since the last sum waits for the next one
    expect(sum + refused(scene, meter!)).toBeGreaterThanOrEqual(23 * 30);
    expect(sum + refused(scene, meter!)).toBeLessThanOrEqual(24 * 30 + 1);
  });

  it('C10.1-8: a relay can not use up what a meter may send over another', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await flood(scene, 'north-2', () => meter!.meterId, 200);
    await scene.handshake('north-1', (await meter!.hello(1)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
  });

  it('T8.1-4: a flooding concentrator is throttled, then cut off; others are served', async () => {
    const scene = await makeScene();
    const unknown = () => randomBytes(8).toString('hex');
    for (let minute = 0; minute < 5; minute++) {
      await flood(scene, 'north-2', unknown, minute === 0 ? 2_200 : 1_400);
      scene.world.clock.advance(60_000);
    }
    expect(scene.relayEvents('north-2').map(({ type }) => type)).toContain('RelayQuarantined');
    expect((await scene.world.devices.find('dc-north-2'))?.quarantined).toBe(true);
    // No restore lets it in again.
    const kept = await scene.world.as('maintenance').keys.list('kept/relay/north-2/');
    expect(kept.map(({ wrapped }) => JSON.parse(wrapped.toString()))).toMatchObject([{ said: 'quarantined', reason: 'flood' }]);
    await scene.handshake('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
  });

  it('C10.1-8: unknown meters cost no look-up outside and no read of a stream', async () => {
    const scene = await makeScene();
    await flood(scene, 'north-1', () => randomBytes(8).toString('hex'), 200);
    const before = scene.world.directory.lookups;
    const streams = new Set<string>();
    const read = scene.world.events.read.bind(scene.world.events);
    scene.world.events.read = (stream, from) => {
      streams.add(stream);
      return read(stream, from);
    };
    await flood(scene, 'north-1', () => randomBytes(8).toString('hex'), 200);
    expect([...streams]).toEqual(['relay/north-1']);
    expect(scene.world.directory.lookups - before).toBeLessThanOrEqual(2);
  });
});
