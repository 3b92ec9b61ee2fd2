import { createPublicKey, diffieHellman, generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kms } from '../../platform/ports/kms.ts';
import type { KmsKey } from '../../topology/keys.ts';

/** Keys the contract needs: make them, the principal `ingest` allowed everything and nobody else anything. */
export const CONTRACT_KEYS: readonly KmsKey[] = [
  contractKey('kek', 'encrypt-decrypt', ['generateDataKey', 'encrypt', 'decrypt']),
  contractKey('other-kek', 'encrypt-decrypt', ['generateDataKey', 'encrypt', 'decrypt']),
  contractKey('agree', 'key-agreement', ['deriveSharedSecret', 'getPublicKey']),
  contractKey('signer', 'sign-verify', ['sign', 'getPublicKey', 'decrypt']),
  contractKey('hmac', 'mac', ['generateMac']),
];

export interface KmsUnderTest {
  /** As a principal that the keys above allow. */
  readonly kms: Kms;
  /** As one they do not name. */
  readonly stranger: Kms;
  rotate(keyId: string): Promise<void>;
  setEnabled(keyId: string, enabled: boolean): Promise<void>;
  scheduleDeletion(keyId: string, days: number): Promise<void>;
  cancelDeletion(keyId: string): Promise<void>;
  passDays(days: number): void;
  close(): Promise<void>;
}

/** What an emulator of the service is known not to do; the service itself does all of it. */
export interface KmsDeviations {
  /** Key policies are not asked. */
  readonly policies?: 'not asked';
  /** Time passes by its own clock, so a deletion that is due cannot be seen; one that was cancelled is refused as disabled. */
  readonly deletion?: 'unseen';
  /** What it returns instead of the shared secret. */
  readonly derived?: (secret: Buffer) => Buffer;
}

const CONTEXT = { row: 'segment/00000/1700000000000' };
const SECRET = Buffer.from('a secret of thirty-two bytes 012');
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

/** What every implementation of `Kms` must do. Codes are those of AWS KMS, in our spelling. */
export function kmsContract(name: string, open: () => Promise<KmsUnderTest>, deviations: KmsDeviations = {}): void {
  const { derived = (secret: Buffer) => secret } = deviations;
  describe(`key service contract: ${name}`, () => {
    let under: KmsUnderTest;
    let kms: Kms;

    beforeEach(async () => {
      under = await open();
      kms = under.kms;
    });
    afterEach(() => under.close());

    const refused = (call: Promise<unknown>, code: string) => expect(call).rejects.toMatchObject({ code: `ERR_KMS_${code}` });

    it('decrypts what it encrypted, under the same context only', async () => {
      const wrapped = await kms.encrypt('kek', SECRET, { a: '1', b: '2' });
      expect(await kms.decrypt('kek', wrapped, { b: '2', a: '1' })).toEqual(SECRET);
      for (const context of [{}, { a: '1' }, { a: '2', b: '1' }, { a: '1', b: '2', c: '3' }, { a: '1b', '': '2' }]) {
        await refused(kms.decrypt('kek', wrapped, context), 'INVALID_CIPHERTEXT');
      }
    });

    it('a data key comes in clear and wrapped, another one each time', async () => {
      const first = await kms.generateDataKey('kek', CONTEXT);
      const second = await kms.generateDataKey('kek', CONTEXT);
      expect(first.plaintext.length).toBe(32);
      expect(await kms.decrypt('kek', first.wrapped, CONTEXT)).toEqual(first.plaintext);
      expect(second.plaintext.equals(first.plaintext)).toBe(false);
      expect(first.wrapped.includes(first.plaintext)).toBe(false);
    });

    it('every altered or cut ciphertext is refused', async () => {
      const wrapped = await kms.encrypt('kek', SECRET, CONTEXT);
      for (let at = 0; at < wrapped.length; at++) {
        const altered = Buffer.from(wrapped);
        altered[at]! ^= 1;
        await expect(kms.decrypt('kek', altered, CONTEXT), `byte ${at}`).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_KMS_(INVALID_CIPHERTEXT|INCORRECT_KEY)$/),
        });
        await refused(kms.decrypt('kek', wrapped.subarray(0, at), CONTEXT), 'INVALID_CIPHERTEXT');
      }
    });

    it('ciphertext of another key is named so', async () => {
      await refused(kms.decrypt('other-kek', await kms.encrypt('kek', SECRET, CONTEXT), CONTEXT), 'INCORRECT_KEY');
    });

    it('more than 4 KB is not for encrypt', async () => {
      await refused(kms.encrypt('kek', Buffer.alloc(4097), CONTEXT), 'VALIDATION');
    });

    it('after a rotation old ciphertext still opens, and new ciphertext is not under the old generation', async () => {
      const old = await kms.encrypt('kek', SECRET, CONTEXT);
      await under.rotate('kek');
      expect(await kms.decrypt('kek', old, CONTEXT)).toEqual(SECRET);
      expect(await kms.decrypt('kek', await kms.encrypt('kek', SECRET, CONTEXT), CONTEXT)).toEqual(SECRET);
    });

    it('derives the x coordinate that the peer derives', async () => {
      const peer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spki = peer.publicKey.export({ format: 'der', type: 'spki' });
      const publicKey = createPublicKey({ key: await kms.getPublicKey('agree'), format: 'der', type: 'spki' });
      const theirs = diffieHellman({ privateKey: peer.privateKey, publicKey });
      expect(await kms.deriveSharedSecret('agree', spki)).toEqual(derived(theirs));
    });

    it('a peer key on another curve, off the curve, or none at all is refused', async () => {
      const spki = (curve: string) => generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'der', type: 'spki' });
      const off = spki('P-256');
      off[off.length - 1]! ^= 1;
      for (const peer of [spki('P-384'), spki('secp256k1'), off, Buffer.alloc(0), Buffer.alloc(91)]) {
        await refused(kms.deriveSharedSecret('agree', peer), 'VALIDATION');
      }
    });

    it('agreement keys: two generations work side by side for 90 days', async () => {
      const peer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spki = peer.publicKey.export({ format: 'der', type: 'spki' });
      const old = await kms.deriveSharedSecret('agree-1', spki);
      await under.rotate('agree');
      expect(await kms.deriveSharedSecret('agree-1', spki)).toEqual(old);
      const current = await kms.deriveSharedSecret('agree', spki);
      expect(current.equals(old)).toBe(false);
      expect(await kms.deriveSharedSecret('agree-2', spki)).toEqual(current);
      under.passDays(89);
      expect(await kms.deriveSharedSecret('agree-1', spki)).toEqual(old);
      under.passDays(1);
      await refused(kms.deriveSharedSecret('agree-1', spki), 'DISABLED');
      expect(await kms.deriveSharedSecret('agree-2', spki)).toEqual(current);
      expect((await kms.getPublicKey('agree-1')).length).toBe(91);
      await refused(kms.deriveSharedSecret('agree-3', spki), 'NOT_FOUND');
    });

    it('agreement keys: a third generation ends the first at once', async () => {
      const spki = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
      await under.rotate('agree');
      under.passDays(1);
      await under.rotate('agree');
      await refused(kms.deriveSharedSecret('agree-1', spki), 'DISABLED');
      expect((await kms.deriveSharedSecret('agree-2', spki)).length).toBe(32);
    });

    it('signatures are r || s with low s, and verify', async () => {
      const key = createPublicKey({ key: await kms.getPublicKey('signer'), format: 'der', type: 'spki' });
      for (let count = 0; count < 16; count++) {
        const message = Buffer.from(`message ${count}`);
        const signature = await kms.sign('signer', message);
        expect(signature.length).toBe(64);
        expect(BigInt(`0x${signature.toString('hex', 32)}`) <= HALF_ORDER).toBe(true);
        expect(verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
      }
    });

    it('a MAC is the same for the same message, and another for another', async () => {
      const mac = await kms.generateMac('hmac', SECRET);
      expect(mac.length).toBe(32);
      expect(await kms.generateMac('hmac', SECRET)).toEqual(mac);
      expect((await kms.generateMac('hmac', Buffer.from('x'))).equals(mac)).toBe(false);
    });

    it('a key is for its usage only', async () => {
      await refused(kms.decrypt('signer', Buffer.alloc(64), CONTEXT), 'INVALID_KEY_USAGE');
    });

    it('a key that does not exist is not found', async () => {
      await refused(kms.encrypt('none', SECRET, CONTEXT), 'NOT_FOUND');
      await refused(kms.encrypt('kek-1', SECRET, CONTEXT), 'NOT_FOUND');
    });

    it('a disabled key refuses until it is enabled', async () => {
      const wrapped = await kms.encrypt('kek', SECRET, CONTEXT);
      await under.setEnabled('kek', false);
      await refused(kms.decrypt('kek', wrapped, CONTEXT), 'DISABLED');
      await under.setEnabled('kek', true);
      expect(await kms.decrypt('kek', wrapped, CONTEXT)).toEqual(SECRET);
    });

    it('deletion: pending for 7 to 30 days, cancellable into disabled', async () => {
      const wrapped = await kms.encrypt('kek', SECRET, CONTEXT);
      await refused(under.scheduleDeletion('kek', 6), 'VALIDATION');
      await refused(under.scheduleDeletion('kek', 31), 'VALIDATION');
      await under.scheduleDeletion('kek', 7);
      await refused(kms.decrypt('kek', wrapped, CONTEXT), 'INVALID_STATE');
      await refused(under.scheduleDeletion('kek', 7), 'INVALID_STATE');
      under.passDays(6);
      await under.cancelDeletion('kek');
      await refused(under.cancelDeletion('kek'), deviations.deletion === undefined ? 'INVALID_STATE' : 'DISABLED');
      await refused(kms.decrypt('kek', wrapped, CONTEXT), 'DISABLED');
      await under.setEnabled('kek', true);
      expect(await kms.decrypt('kek', wrapped, CONTEXT)).toEqual(SECRET);
    });

    if (deviations.deletion === undefined)
      it('deletion: final when its day has come', async () => {
        const wrapped = await kms.encrypt('kek', SECRET, CONTEXT);
        await under.scheduleDeletion('kek', 7);
        under.passDays(6);
        await refused(kms.decrypt('kek', wrapped, CONTEXT), 'INVALID_STATE');
        under.passDays(1);
        await refused(kms.decrypt('kek', wrapped, CONTEXT), 'NOT_FOUND');
        await refused(under.cancelDeletion('kek'), 'NOT_FOUND');
      });

    if (deviations.policies === undefined)
      it('who is not named by the policy is denied before anything else is looked at', async () => {
        await under.scheduleDeletion('kek', 7);
        await refused(under.stranger.encrypt('kek', SECRET, CONTEXT), 'ACCESS_DENIED');
        await refused(under.stranger.decrypt('kek', Buffer.alloc(0), CONTEXT), 'ACCESS_DENIED');
        await refused(under.stranger.sign('agree', SECRET), 'ACCESS_DENIED');
        await refused(under.stranger.getPublicKey('signer'), 'ACCESS_DENIED');
      });
  });
}

function contractKey(id: string, usage: KmsKey['usage'], operations: KmsKey['allow']['ingest'] & {}): KmsKey {
  return { id, usage, rotationDays: 365, overlapDays: usage === 'encrypt-decrypt' ? 0 : 90, allow: { ingest: operations } };
}
