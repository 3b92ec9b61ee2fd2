import { describe, expect, it } from 'vitest';
import { MESSAGE_LIMIT } from '../../protocol/cose.ts';
import { ephemeralPair, pointToSpki, spkiKeyId } from '../../protocol/handshake.ts';
import { encodeManifest, type Manifest, type ManifestKey, manifestKey, openManifest } from '../../protocol/manifest.ts';
import { bytesOf, flips, identity, refusal } from './support.ts';

const root = identity();
const refusedAs = (attempt: () => unknown) => refusal('ERR_MANIFEST_REFUSED', attempt);

function keyOf(use: 'agreement' | 'handshake' = 'agreement', over: Partial<ManifestKey> = {}): ManifestKey {
  const spki = pointToSpki(ephemeralPair().point);
  return { keyId: spkiKeyId(spki), use, spki, notBefore: 1_700_000_000_000, notAfter: 1_731_536_000_000, ...over };
}
const manifestOf = (over: Partial<Manifest> = {}): Manifest => ({
  version: 5,
  issuedAt: 1_700_000_000_000,
  keys: [keyOf('agreement'), keyOf('agreement'), keyOf('handshake')],
  ...over,
});

describe('key manifest', () => {
  it('comes back as it went under the pinned root', async () => {
    const manifest = manifestOf();
    const bytes = await encodeManifest(manifest, root.sign);
    expect(openManifest(bytes, root.publicKey, 0)).toEqual(manifest);
    expect(openManifest(bytes, root.publicKey, 4)).toEqual(manifest);
  });

  it('never goes back, nor is the one in force taken again', async () => {
    const bytes = await encodeManifest(manifestOf(), root.sign);
    for (const last of [5, 6, 2 ** 50]) expect(refusedAs(() => openManifest(bytes, root.publicKey, last))).toBe('version');
  });

  it('of another root, or with any bit flipped, is refused', async () => {
    const bytes = await encodeManifest(manifestOf({ keys: [keyOf()] }), root.sign);
    expect(refusedAs(() => openManifest(bytes, identity().publicKey, 0))).toBe('signature');
    for (const { flipped } of flips(bytes)) refusedAs(() => openManifest(flipped, root.publicKey, 0));
    for (let length = 0; length < bytes.length; length++) refusedAs(() => openManifest(bytes.subarray(0, length), root.publicKey, 0));
    expect(refusedAs(() => openManifest(Buffer.concat([bytes, Buffer.of(0)]), root.publicKey, 0))).toBe('layout');
    expect(refusedAs(() => openManifest(Buffer.alloc(MESSAGE_LIMIT + 1), root.publicKey, 0))).toBe('size');
  });

  it('16 keys fit a message; none, a 17th, a double, a false name, a false point or an empty life are refused', async () => {
    const open = async (keys: ManifestKey[]) => openManifest(await encodeManifest(manifestOf({ keys }), root.sign), root.publicKey, 0);
    const one = keyOf();
    const noPoint = Buffer.concat([one.spki.subarray(0, 27), Buffer.alloc(64, 1)]);
    expect((await open(Array.from({ length: 16 }, () => keyOf()))).keys).toHaveLength(16);
    for (const [keys, reason] of [
      [[], 'layout'],
      [Array.from({ length: 17 }, () => keyOf()), 'layout'],
      [[one, one], 'key-id'],
      [[keyOf('handshake', { keyId: '00'.repeat(8) })], 'key-id'],
      [[keyOf('handshake', { spki: noPoint, keyId: spkiKeyId(noPoint) })], 'point'],
      [[keyOf('handshake', { spki: bytesOf(91) })], 'point'],
      [[keyOf('handshake', { spki: bytesOf(90) })], 'layout'],
      [[keyOf('handshake', { notAfter: 1_700_000_000_000 })], 'layout'],
    ] as [ManifestKey[], string][]) {
      const bytes = await encodeManifest(manifestOf({ keys }), root.sign);
      expect(refusedAs(() => openManifest(bytes, root.publicKey, 0))).toBe(reason);
    }
  });

  it('gives a key for its use and within its life only', () => {
    const key = keyOf('handshake');
    const manifest = manifestOf({ keys: [key] });
    expect(manifestKey(manifest, key.keyId, 'handshake', key.notBefore)?.export({ format: 'der', type: 'spki' })).toEqual(key.spki);
    expect(manifestKey(manifest, key.keyId, 'agreement', key.notBefore)).toBeUndefined();
    expect(manifestKey(manifest, '00'.repeat(8), 'handshake', key.notBefore)).toBeUndefined();
    expect(manifestKey(manifest, key.keyId, 'handshake', key.notBefore - 1)).toBeUndefined();
    expect(manifestKey(manifest, key.keyId, 'handshake', key.notAfter)).toBeUndefined();
  });
});
