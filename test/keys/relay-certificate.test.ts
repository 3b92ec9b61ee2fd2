import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { TO_CONCENTRATOR } from '../../protocol/batch.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { failedIds, lambdaContext } from '../support/sqs.ts';
import { DAY, makeScene, type Scene } from './scene.ts';

const body = (scene: Scene, dcId: string, csr: Buffer) => JSON.stringify({ dcId, brokerTime: scene.now, csr: csr.toString('base64') });

async function statuses(scene: Scene, dcId: string): Promise<string[]> {
  return (await scene.world.devices.find(`dc-${dcId}`))!.certificates.map(({ status }) => status);
}

describe('renewal of a concentrator certificate', () => {
  it('C10.1-6: a concentrator gets the certificate of its new key, once per key; the old one is revoked a week later', async () => {
    const scene = await makeScene();
    const { csr, publicKey } = await deviceKey('dc-north-1');
    expect(failedIds(await scene.deliver('service', [body(scene, 'north-1', csr)]))).toEqual([]);
    const [item] = scene.down('north-1');
    expect(item!.meterId).toBe(TO_CONCENTRATOR);
    expect(new X509Certificate(item!.bytes).publicKey.equals(publicKey)).toBe(true);
    scene.restart();
    await scene.deliver('service', [body(scene, 'north-1', csr)]);
    expect(scene.down('north-1')).toEqual([item]);
    expect(scene.relayEvents('north-1').map(({ type }) => type)).toEqual(['RelayRegistered', 'RelayRegistered']);
    const maintenance = makeMaintenance(scene.world.as('maintenance'), scene.defences);
    for (const [days, expected] of [
      [6, 'active'],
      [2, 'revoked'],
    ] as const) {
      scene.world.clock.advance(days * DAY);
      await maintenance({} as never, lambdaContext('maintenance'));
      expect(await statuses(scene, 'north-1')).toEqual([expected, 'active']);
    }
  });

  it('C10.1-2: an unregistered, quarantined or revoked concentrator gets none, and neither does a broken request', async () => {
    const { csr } = await deviceKey('dc-north-1');
    const spoiled: [string, (scene: Scene) => Promise<unknown>][] = [
      ['unregistered', async ({ world }) => world.devices.things.delete('dc-north-1')],
      ['revoked', async ({ world }) => world.devices.revoke((await world.devices.find('dc-north-1'))!.certificates[0]!.fingerprint)],
      ['quarantined', async (scene) => quarantine(scene)],
    ];
    for (const [name, spoil] of spoiled) {
      const scene = await makeScene();
      await spoil(scene);
      await scene.deliver('service', [body(scene, 'north-1', csr)]);
      expect([name, scene.allDown()]).toEqual([name, []]);
    }
    const scene = await makeScene();
    await scene.deliver('service', [body(scene, 'north-1', Buffer.from('junk')), body(scene, 'unheard', csr)]);
    expect(scene.allDown()).toEqual([]);
    expect(scene.relayEvents('north-1').at(-1)).toMatchObject({ type: 'JunkCounted' });
  });

  it('T8.1-4: asks for so many an hour', async () => {
    const scene = await makeScene();
    const requests = await Promise.all(Array.from({ length: 6 }, () => deviceKey('dc-north-1')));
    await scene.deliver(
      'service',
      requests.map(({ csr }) => body(scene, 'north-1', csr)),
    );
    expect(scene.down('north-1')).toHaveLength(4);
  });
});

async function quarantine(scene: Scene): Promise<void> {
  const { relay } = await import('../../domain/enrolment/relay.ts');
  const { runDecider } = await import('../../lambdas/shared/streams.ts');
  await runDecider(scene.world.events, 'relay/north-1', relay, { type: 'QuarantineRelay', reason: 'test', at: scene.now });
}
