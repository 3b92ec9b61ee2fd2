import { createPublicKey, type KeyObject } from 'node:crypto';
import { type CborReader, cborArray, cborBytes, cborUint } from './cbor.ts';
import { CONTEXT, parseSigned, type Signer, signMessage, verifySigned } from './cose.ts';
import { cborId, envelope, MESSAGE_TYPE, openEnvelope, readId } from './envelope.ts';
import { spkiKeyId, spkiToPoint } from './point.ts';
import { ProtocolRefusal } from './refusal.ts';

const CODE = 'ERR_MANIFEST_REFUSED';
const USE = { agreement: 1, handshake: 2 } as const;
export type KeyUse = keyof typeof USE;
const MAX_KEYS = 16;
const SPKI_BYTES = 91;

/** The MDMS keys a meter may trust, signed by the offline root that is pinned in it. */
export interface Manifest {
  /** Rising by every issue; a meter never goes back. */
  readonly version: number;
  /** UTC ms. */
  readonly issuedAt: number;
  /** 1 to 16. */
  readonly keys: readonly ManifestKey[];
}

export interface ManifestKey {
  /** 16 hex digits, `spkiKeyId` of `spki`. */
  readonly keyId: string;
  readonly use: KeyUse;
  /** P-256 SPKI DER with uncompressed point, 91 bytes. */
  readonly spki: Buffer;
  /** UTC ms. */
  readonly notBefore: number;
  /** UTC ms. */
  readonly notAfter: number;
}

/** COSE_Sign1 bytes, at most 4 KB. @source X.1332 10.1 */
export async function encodeManifest(manifest: Manifest, sign: Signer): Promise<Buffer> {
  const keys = manifest.keys.map((key) =>
    cborArray([cborId(key.keyId), cborUint(USE[key.use]), cborBytes(key.spki), cborUint(key.notBefore), cborUint(key.notAfter)]),
  );
  const fields = [cborUint(manifest.version), cborUint(manifest.issuedAt), cborArray(keys)];
  const signed = await signMessage(CONTEXT.keys, manifest, envelope(MESSAGE_TYPE.keys, fields), sign);
  return signed.bytes;
}

/**
 * @param rootPublicKey the pinned offline root @param lastVersion of the manifest in force, 0 when none; only a higher one is accepted
 * @throws ERR_MANIFEST_REFUSED
 */
export function openManifest(bytes: Buffer, rootPublicKey: KeyObject, lastVersion: number): Manifest {
  const signed = parseSigned(bytes, CONTEXT.keys, CODE, readManifest);
  if (!verifySigned(signed, rootPublicKey)) throw new ProtocolRefusal(CODE, 'signature');
  if (signed.message.version <= lastVersion) throw new ProtocolRefusal(CODE, 'version');
  return signed.message;
}

/** The key of this id and use, when it is valid at `at` (UTC ms). */
export function manifestKey(manifest: Manifest, keyId: string, use: KeyUse, at: number): KeyObject | undefined {
  const found = manifest.keys.find((key) => key.keyId === keyId && key.use === use && key.notBefore <= at && at < key.notAfter);
  return found && createPublicKey({ key: found.spki, format: 'der', type: 'spki' });
}

function readManifest(reader: CborReader): Manifest {
  openEnvelope(reader, MESSAGE_TYPE.keys, 3);
  const version = reader.uint(1);
  const issuedAt = reader.uint();
  const count = reader.array(1, MAX_KEYS);
  const keys: ManifestKey[] = [];
  for (let i = 0; i < count; i++) keys.push(readKey(reader));
  if (new Set(keys.map((key) => key.keyId)).size !== count) reader.refuse('key-id');
  return { version, issuedAt, keys };
}

function readKey(reader: CborReader): ManifestKey {
  reader.array(5);
  const keyId = readId(reader);
  const use = reader.uint(USE.agreement, USE.handshake) === USE.agreement ? 'agreement' : 'handshake';
  const spki = reader.bytes(SPKI_BYTES);
  const notBefore = reader.uint();
  const notAfter = reader.uint(notBefore + 1);
  if (!isP256Spki(spki)) reader.refuse('point');
  if (spkiKeyId(spki) !== keyId) reader.refuse('key-id');
  return { keyId, use, spki, notBefore, notAfter };
}

function isP256Spki(spki: Buffer): boolean {
  try {
    spkiToPoint(spki);
    return true;
  } catch {
    return false;
  }
}
