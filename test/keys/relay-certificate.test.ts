import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { amendRelay } from '../../lambdas/enrol/relay-standing.ts';
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

  it('C10.1-6: nothing is revoked within a week of the newest certificate, whatever was renewed before it', async () => {
    const scene = await makeScene();
    const maintenance = makeMaintenance(scene.world.as('maintenance'), scene.defences);
    const later = async (days: number) => {
      scene.world.clock.advance(days * DAY);
      await maintenance({} as never, lambdaContext('maintenance'));
      return statuses(scene, 'north-1');
    };
    await scene.deliver('service', [body(scene, 'north-1', (await deviceKey('dc-north-1')).csr)]);
    await later(3);
    await scene.deliver('service', [body(scene, 'north-1', (await deviceKey('dc-north-1')).csr)]);
    // the first renewal's week is over; the concentrator may have nothing but that certificate yet
    expect(await later(5)).toEqual(['active', 'active', 'active']);
    expect(await later(3)).toEqual(['revoked', 'revoked', 'active']);
  });

  it('C10.1-6: a certificate that was issued since a backup stays in force after a restore, which the stream of the concentrator knows nothing of', async () => {
    const scene = await makeScene();
    const maintenance = makeMaintenance(scene.world.as('maintenance'), scene.defences);
    await scene.deliver('service', [body(scene, 'north-1', (await deviceKey('dc-north-1')).csr)]);
    scene.world.clock.advance(3 * DAY);
    const since = await scene.world.devices.issueCertificate('dc-north-1', 'concentrator', (await deviceKey('dc-north-1')).csr);
    scene.world.clock.advance(8 * DAY);
    await maintenance({} as never, lambdaContext('maintenance'));
    const { certificates } = (await scene.world.devices.find('dc-north-1'))!;
    expect(certificates.map(({ status }) => status)).toEqual(['revoked', 'active', 'active']);
    expect(Buffer.from(certificates[2]!.der).equals(since)).toBe(true);
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

  it('a quarantined concentrator is cut off at the gateway, and let in again when released', async () => {
    const { world, now } = await makeScene();
    const { csr } = await deviceKey('dc-north-1');
    await world.devices.issueCertificate('dc-north-1', 'concentrator', csr);
    await amendRelay(world.as('enrol'), 'north-1', { type: 'QuarantineRelay', reason: 'test', at: now });
    expect((await world.devices.find('dc-north-1'))!.quarantined).toBe(true);
    await amendRelay(world.as('enrol'), 'north-1', { type: 'ReleaseRelay', at: now });
    expect((await world.devices.find('dc-north-1'))!.quarantined).toBe(false);
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

function quarantine({ world, now }: Scene): Promise<unknown> {
  return amendRelay(world.as('enrol'), 'north-1', { type: 'QuarantineRelay', reason: 'test', at: now });
}
