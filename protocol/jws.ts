import { createHash, type KeyObject, verify } from 'node:crypto';
import { JWS_LIMIT, type JwsFault, type JwsHeader, readHeader, SIGNATURE_BYTES } from './portable/compact-jws.ts';

/** A compact JWS of ours, read. */
export interface Jws {
  readonly header: JwsHeader;
  /** As it was signed. */
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** What the signature is over, ASCII. */
  readonly signed: Buffer;
}

/** A public key and what it may sign. */
export interface PinnedKey {
  readonly key: KeyObject;
  /** `typ` of what it signs. */
  readonly typ: string;
}

/** What is to be signed. @param payload bytes, usually JSON */
export function jwsSigningInput({ kid, typ }: Pick<JwsHeader, 'kid' | 'typ'>, payload: Uint8Array): Buffer {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid, typ }));
  return Buffer.from(`${header.toString('base64url')}.${Buffer.from(payload).toString('base64url')}`, 'ascii');
}

/** @param signature r || s, 64 bytes */
export function compactJws(signingInput: Buffer, signature: Uint8Array): string {
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError(`a signature has 64 bytes, not ${signature.length}`);
  return `${signingInput.toString('ascii')}.${Buffer.from(signature).toString('base64url')}`;
}

/** Hash by which the next of a chain names this one, base64url. */
export function jwsHash(compact: string): string {
  return createHash('sha256').update(compact, 'ascii').digest('base64url');
}

/** Reads the parts without believing any. @returns a fault for what is no compact JWS with ES256 and our three members */
export function parseJws(compact: string): Jws | { readonly fault: JwsFault } {
  if (compact.length > JWS_LIMIT) return { fault: 'malformed' };
  const parts = compact.split('.');
  if (parts.length !== 3 || !parts.every(isCanonical)) return { fault: 'malformed' };
  const [head, body, tail] = parts as [string, string, string];
  const header = readHeader(Buffer.from(head, 'base64url'));
  if ('fault' in header) return header;
  const signature = Buffer.from(tail, 'base64url');
  if (signature.length !== SIGNATURE_BYTES) return { fault: 'malformed' };
  return { header, payload: Buffer.from(body, 'base64url'), signature, signed: Buffer.from(`${head}.${body}`, 'ascii') };
}

/** @param keys by kid, pinned by whoever verifies @param typ what it has to be */
export function verifyJws(compact: string, keys: ReadonlyMap<string, PinnedKey>, typ: string): Jws | { readonly fault: JwsFault } {
  const jws = parseJws(compact);
  if ('fault' in jws) return jws;
  const pinned = keys.get(jws.header.kid);
  if (pinned === undefined) return { fault: 'unknown-key' };
  if (pinned.typ !== typ || jws.header.typ !== typ) return { fault: 'wrong-purpose' };
  const isGenuine = verify('sha256', jws.signed, { key: pinned.key, dsaEncoding: 'ieee-p1363' }, jws.signature);
  return isGenuine ? jws : { fault: 'wrong-signature' };
}

/** Every text has one encoding: no padding, no spare bits, no other character. */
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}
