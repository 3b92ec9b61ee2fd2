import { describe, expect, it } from 'vitest';
import {
  agreementKey,
  firstGenerations,
  issueManifest,
  loadKeyring,
  nextGenerations,
  signingKey,
} from '../../lambdas/shared/keys/manifest.ts';
import { signerOf } from '../../protocol/cose.ts';
import { classifyDownlink } from '../../protocol/downlink.ts';
import { openManifest } from '../../protocol/manifest.ts';
import { DAY, makeScene, type Scene } from './scene.ts';

/** A new generation of both keys, as at the end of a year. */
async function rotate(scene: Scene, generation: number): Promise<void> {
  const agreement = nextGenerations(scene.keyring.keys, `agreement-${generation}`, 'agreement', scene.now);
  const both = nextGenerations(agreement, `handshake-${generation}`, 'handshake', scene.now);
  scene.keyring = await issueManifest(scene.world.as('keys'), both, generation, signerOf(scene.root.privateKey));
  scene.restart();
}

describe('the key manifest', () => {
  it('tells the public halves of KMS keys, signed by the offline root', async () => {
    const scene = await makeScene();
    const manifest = openManifest(scene.keyring.manifest, scene.root.publicKey, 0);
    expect(manifest.keys.map(({ use }) => use)).toEqual(['agreement', 'handshake']);
    expect(manifest.keys[0]!.spki).toEqual(await scene.world.as('keys').kms.getPublicKey('agreement-1'));
    expect(await loadKeyring(scene.world.as('keys'))).toEqual(scene.keyring);
  });

  it('never goes back a version', async () => {
    const scene = await makeScene();
    const again = issueManifest(scene.world.as('keys'), firstGenerations(scene.now), 1, signerOf(scene.root.privateKey));
    await expect(again).rejects.toMatchObject({ code: 'ERR_MANIFEST_VERSION' });
  });

  it('has to be there', async () => {
    const scene = await makeScene();
    scene.world.objects.bodies.clear();
    await expect(loadKeyring(scene.world.as('keys'))).rejects.toMatchObject({ code: 'ERR_KEYRING_MISSING', retryable: true });
  });

  it('C10.1-6: after a rotation the key before is accepted for 90 days, then answered with the manifest', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const old = scene.keyring.keys.find(({ use }) => use === 'agreement')!;
    scene.world.clock.advance(365 * DAY);
    await rotate(scene, 2);
    const saidUnder = async (epoch: number, agreementKeyId: string) => {
      await scene.handshake('north-1', (await meter!.hello(epoch, { agreementKeyId })).hello.bytes);
      return scene.down('north-1').map(({ bytes }) => classifyDownlink(bytes));
    };
    const fresh = scene.keyring.keys.filter(({ use }) => use === 'agreement').at(-1)!;
    expect(await saidUnder(1, old.keyId)).toEqual(['keys', 'accept']);
    expect(await saidUnder(2, fresh.keyId)).toEqual(['accept']);
    scene.world.clock.advance(90 * DAY);
    scene.restart();
    expect(await saidUnder(3, old.keyId)).toEqual(['keys']);
    expect(await saidUnder(4, fresh.keyId)).toEqual(['accept']);
    expect(scene.reasons(meter!)).toEqual(['agreement-key-expired']);
    expect(scene.world.kms.calls.filter((call) => call.includes('deriveSharedSecret'))).toEqual([
      'keys deriveSharedSecret agreement-1',
      'keys deriveSharedSecret agreement-2',
      'keys deriveSharedSecret agreement-2',
    ]);
  });

  it('C10.1-6: a meter after two years in stock learns the new keys and enrols', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const factory = scene.keyring.keys.find(({ use }) => use === 'agreement')!;
    for (const generation of [2, 3]) {
      scene.world.clock.advance(365 * DAY);
      await rotate(scene, generation);
    }
    scene.world.clock.advance(10 * DAY);
    await scene.handshake('north-1', (await meter!.hello(1, { agreementKeyId: factory.keyId })).hello.bytes);
    const [answer] = scene.down('north-1');
    const manifest = openManifest(answer!.bytes, scene.root.publicKey, 1);
    const newest = manifest.keys.filter(({ use }) => use === 'agreement').at(-1)!;
    const said = await meter!.hello(2, { agreementKeyId: newest.keyId });
    await scene.handshake('north-1', said.hello.bytes);
    expect(scene.down('north-1').map(({ bytes }) => classifyDownlink(bytes))).toEqual(['accept']);
  });

  it('signs with the newest handshake key', async () => {
    const scene = await makeScene();
    const generations = nextGenerations(scene.keyring.keys, 'handshake-2', 'handshake', scene.now);
    const keyring = await issueManifest(scene.world.as('keys'), generations, 2, signerOf(scene.root.privateKey));
    expect(signingKey(keyring, scene.now).kmsKeyId).toBe('handshake-2');
    expect(agreementKey(keyring, 'ffffffffffffffff', scene.now)).toBe('unknown');
    expect(() => signingKey(keyring, scene.now + 3_000 * DAY)).toThrow(expect.objectContaining({ code: 'ERR_KEYRING_MISSING' }));
  });
});
