import { fromBase64url } from './base64url.ts';
import { jsonOf } from './values.ts';

/**
 * Header of a compact JWS with ES256 and nothing else, for what others are told: feeds, prices, events, manifests. It has three members.
 * Whatever a header could ask for beside them (a key of its own, a URL, an extension) makes it no JWS of ours.
 * @source RFC 7515, RFC 7518 3.4; X.1332 8.2, 9.2 to 9.4
 */
export interface JwsHeader {
  readonly alg: 'ES256';
  /** Key and generation, the thumbprint of its public half (RFC 7638). */
  readonly kid: string;
  /** What is signed: a key signs for one kind of thing, and a verifier demands it, e.g. `joulekeep-price+jws`. */
  readonly typ: string;
}

/** Why a text isn't a JWS that counts. */
export type JwsFault = 'malformed' | 'wrong-algorithm' | 'unknown-key' | 'wrong-purpose' | 'wrong-signature';

/** A compact JWS in its parts, none of them believed. */
export interface JwsParts {
  readonly header: Uint8Array<ArrayBuffer>;
  /** As it was signed. */
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** What the signature is over, ASCII. */
  readonly signed: Uint8Array<ArrayBuffer>;
}

/** A `CryptoKey`, by a name that Node's types and the browser's share. */
type WebKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Longest compact JWS that is looked at, characters. */
export const JWS_LIMIT = 1_048_576;
/** r || s. */
export const SIGNATURE_BYTES = 64;
export const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** @param longest that is looked at, characters @returns undefined for what is not three parts, each in its one encoding */
export function splitJws(compact: string, longest = JWS_LIMIT): JwsParts | undefined {
  if (compact.length > longest) return undefined;
  const parts = compact.split('.');
  const [header, payload, signature] = parts.map(fromBase64url);
  if (parts.length !== 3 || !header || !payload || !signature) return undefined;
  return { header, payload, signature, signed: new TextEncoder().encode(`${parts[0]}.${parts[1]}`) };
}

/** @param bytes JSON */
export function readHeader(bytes: Uint8Array): JwsHeader | { readonly fault: JwsFault } {
  const header = jsonOf(bytes);
  if (typeof header !== 'object' || header === null) return { fault: 'malformed' };
  const { alg, kid, typ, ...others } = header as Record<string, unknown>;
  if (alg !== 'ES256') return { fault: 'wrong-algorithm' };
  if (typeof kid !== 'string' || typeof typ !== 'string' || Object.keys(others).length > 0) return { fault: 'malformed' };
  return { alg, kid, typ };
}

/** Whether a key made the signature. Web Crypto: the same in a page, in a service worker and in Node. */
export function isSignedBy(key: WebKey, { signature, signed }: Pick<JwsParts, 'signature' | 'signed'>): Promise<boolean> {
  return crypto.subtle.verify(ES256, key, signature, signed);
}
