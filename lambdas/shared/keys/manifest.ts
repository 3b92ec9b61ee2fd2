import { JoulekeepError } from '../../../events/index.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import type { Signer } from '../../../protocol/cose.ts';
import { encodeManifest, type KeyUse } from '../../../protocol/manifest.ts';
import { spkiKeyId } from '../../../protocol/point.ts';

const DAY = 86_400_000;
const OBJECT = 'keyring/current';

/** Lives of the MDMS's handshake keys, milliseconds. @source X.1332 10.1 (keys refreshed) */
export const KEY_LIFE = {
  /** A new agreement generation is due after this long. */
  agreement: 365 * DAY,
  /** The generation before is accepted this long after its successor came. */
  overlap: 90 * DAY,
  handshake: 365 * DAY,
} as const;

/** One generation of a key the meters must know, by its name at KMS. */
export interface KeyGeneration {
  /** e.g. `agreement-1`, `handshake-1`. */
  readonly kmsKeyId: string;
  readonly use: KeyUse;
  /** UTC ms. */
  readonly notBefore: number;
  /** UTC ms. */
  readonly notAfter: number;
}

export interface KeyringKey extends KeyGeneration {
  /** 16 hex digits, as HELLO and ACCEPT name it. */
  readonly keyId: string;
  /** DER, 91 bytes. */
  readonly spki: Buffer;
  /** First manifest that lists it. */
  readonly since: number;
}

/** The keys in force and the manifest that tells the meters. */
export interface Keyring {
  readonly version: number;
  readonly keys: readonly KeyringKey[];
  /** Exact bytes, signed by the offline root; the answer to a HELLO that names an expired key. */
  readonly manifest: Buffer;
}

/** The generations of a new installation. */
export function firstGenerations(at: number): KeyGeneration[] {
  return [
    { kmsKeyId: 'agreement-1', use: 'agreement', notBefore: at, notAfter: at + KEY_LIFE.agreement + KEY_LIFE.overlap },
    { kmsKeyId: 'handshake-1', use: 'handshake', notBefore: at, notAfter: at + KEY_LIFE.handshake + KEY_LIFE.overlap },
  ];
}

/** The generations after a new one of the same use came: the one before stays for 90 days, older ones are gone. */
export function nextGenerations(generations: readonly KeyGeneration[], kmsKeyId: string, use: KeyUse, at: number): KeyGeneration[] {
  const life = use === 'agreement' ? KEY_LIFE.agreement : KEY_LIFE.handshake;
  const kept = generations
    .filter((key) => key.notAfter > at)
    .map((key) => (key.use === use ? { ...key, notAfter: Math.min(key.notAfter, at + KEY_LIFE.overlap) } : key));
  return [...kept, { kmsKeyId, use, notBefore: at, notAfter: at + life + KEY_LIFE.overlap }];
}

/**
 * Builds the key manifest of these generations from KMS's public keys, has the offline root sign it, and puts it in
 * force. @param sign the offline root: r || s over the bytes it gets, 64 bytes @param issuedAt UTC ms, default now
 * @throws ERR_MANIFEST_VERSION when the version in force is not lower
 */
export async function issueManifest(
  platform: Platform,
  generations: readonly KeyGeneration[],
  version: number,
  sign: Signer,
  issuedAt: number = platform.clock.now(),
): Promise<Keyring> {
  const inForce = await findKeyring(platform);
  if (inForce !== undefined && inForce.version >= version)
    throw new JoulekeepError('ERR_MANIFEST_VERSION', `${inForce.version} is in force`);
  const keys = await Promise.all(
    generations.map(async (generation) => {
      const spki = await platform.kms.getPublicKey(generation.kmsKeyId);
      const keyId = spkiKeyId(spki);
      return { ...generation, spki, keyId, since: inForce?.keys.find((key) => key.keyId === keyId)?.since ?? version };
    }),
  );
  const manifest = await encodeManifest({ version, issuedAt, keys }, sign);
  const keyring = { version, keys, manifest };
  await platform.objects.put(OBJECT, Buffer.from(JSON.stringify(keyring, bytesAsBase64)));
  return keyring;
}

/** @throws ERR_KEYRING_MISSING (retryable) before the first manifest is issued */
export async function loadKeyring(platform: Pick<Platform, 'objects'>): Promise<Keyring> {
  const keyring = await findKeyring(platform);
  if (keyring === undefined) throw new JoulekeepError('ERR_KEYRING_MISSING', 'no key manifest has been issued', { retryable: true });
  return keyring;
}

/** The agreement key a HELLO names, when it is one of ours and in force. */
export function agreementKey(keyring: Keyring, keyId: string, at: number): KeyringKey | 'unknown' | 'expired' {
  const key = keyring.keys.find((candidate) => candidate.use === 'agreement' && candidate.keyId === keyId);
  if (key === undefined) return 'unknown';
  return at < key.notAfter ? key : 'expired';
}

/** The newest handshake key: it signs. @throws ERR_KEYRING_MISSING when none is in force */
export function signingKey(keyring: Keyring, at: number): KeyringKey {
  const inForce = keyring.keys.filter((key) => key.use === 'handshake' && key.notBefore <= at && at < key.notAfter);
  const newest = inForce.toSorted((a, b) => a.notBefore - b.notBefore).at(-1);
  if (newest === undefined) throw new JoulekeepError('ERR_KEYRING_MISSING', 'no handshake key is in force', { retryable: true });
  return newest;
}

/**
 * Whether a meter whose HELLO names this agreement key may not know this handshake key yet: it has at least the manifest
 * that first listed the one, and needs one that lists the other.
 */
export function needsManifest(keyring: Keyring, agreementKeyId: string, handshakeKeyId: string): boolean {
  const since = (keyId: string) => keyring.keys.find((key) => key.keyId === keyId)?.since;
  return (since(handshakeKeyId) ?? keyring.version) > (since(agreementKeyId) ?? 0);
}

/** Undefined before the first manifest is issued. */
export async function findKeyring(platform: Pick<Platform, 'objects'>): Promise<Keyring | undefined> {
  const body = await platform.objects.get(OBJECT);
  if (body === undefined) return undefined;
  const stored = JSON.parse(body.toString()) as StoredKeyring;
  const keys = stored.keys.map((key) => ({ ...key, spki: Buffer.from(key.spki, 'base64') }));
  return { version: stored.version, keys, manifest: Buffer.from(stored.manifest, 'base64') };
}

interface StoredKeyring {
  readonly version: number;
  readonly keys: readonly (Omit<KeyringKey, 'spki'> & { readonly spki: string })[];
  readonly manifest: string;
}

/** Buffers reach a replacer as `toJSON` made them. */
function bytesAsBase64(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'Buffer' || !('data' in value)) return value;
  return Buffer.from(value.data as number[]).toString('base64');
}
