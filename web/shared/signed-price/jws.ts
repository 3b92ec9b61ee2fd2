import { fromBase64url } from '../../../protocol/application/bytes.ts';
import { sha256, utf8 } from '../base64url.ts';

/** A compact JWS with ES256 and the three header members of the service, not believed yet. */
export interface ParsedJws {
  readonly kid: string;
  readonly typ: string;
  /** JSON, as it was signed. */
  readonly payload: unknown;
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly signed: string;
}

export type SignatureFault = 'malformed' | 'wrong-algorithm' | 'unknown-key' | 'wrong-purpose' | 'wrong-signature';

/** A public key, and the `typ` of what it may sign. */
export interface TrustedKey {
  readonly key: CryptoKey;
  readonly typ: string;
}

const LIMIT = 1_048_576;
const SIGNATURE_BYTES = 64;

/** Reads the parts without believing any. @source RFC 7515 */
export function parseJws(compact: unknown): ParsedJws | { readonly fault: SignatureFault } {
  if (typeof compact !== 'string' || compact.length > LIMIT) return { fault: 'malformed' };
  const [head = '', body = '', tail = '', ...more] = compact.split('.');
  const signature = fromBase64url(tail);
  const header = jsonOf(head);
  const payload = jsonOf(body);
  if (more.length > 0 || !isRecord(header)) return { fault: 'malformed' };
  const { alg, kid, typ, ...others } = header;
  if (alg !== 'ES256') return { fault: 'wrong-algorithm' };
  if (typeof kid !== 'string' || typeof typ !== 'string' || Object.keys(others).length > 0) return { fault: 'malformed' };
  if (payload === undefined || signature?.length !== SIGNATURE_BYTES) return { fault: 'malformed' };
  return { kid, typ, payload, signature, signed: `${head}.${body}` };
}

/** @param keys by kid @param typ what it has to be */
export async function verifyJws(
  compact: unknown,
  keys: ReadonlyMap<string, TrustedKey>,
  typ: string,
): Promise<ParsedJws | { readonly fault: SignatureFault }> {
  const jws = parseJws(compact);
  if ('fault' in jws) return jws;
  const trusted = keys.get(jws.kid);
  if (trusted === undefined) return { fault: 'unknown-key' };
  if (trusted.typ !== typ || jws.typ !== typ) return { fault: 'wrong-purpose' };
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const isGenuine = await crypto.subtle.verify(algorithm, trusted.key, jws.signature, utf8(jws.signed));
  return isGenuine ? jws : { fault: 'wrong-signature' };
}

/** Name by which the next of a chain calls this one. */
export function jwsHash(compact: string): Promise<string> {
  return sha256(compact);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonOf(part: string): unknown {
  const bytes = fromBase64url(part);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
