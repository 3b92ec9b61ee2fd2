import {
  isSignedBy,
  type JwsFault,
  type JwsHeader,
  type JwsParts,
  readHeader,
  SIGNATURE_BYTES,
  splitJws,
} from '../../../protocol/portable/compact-jws.ts';
import { jsonOf } from '../../../protocol/portable/values.ts';

/** A compact JWS of the service, not believed yet. */
export interface ParsedJws extends Pick<JwsHeader, 'kid' | 'typ'>, Pick<JwsParts, 'signature' | 'signed'> {
  /** JSON, as it was signed. */
  readonly payload: unknown;
}

/** A public key, and the `typ` of what it may sign. */
export interface TrustedKey {
  readonly key: CryptoKey;
  readonly typ: string;
}

/** Reads the parts without believing any. @source RFC 7515 */
export function parseJws(compact: unknown): ParsedJws | { readonly fault: JwsFault } {
  const parts = typeof compact === 'string' ? splitJws(compact) : undefined;
  if (parts === undefined) return { fault: 'malformed' };
  const header = readHeader(parts.header);
  if ('fault' in header) return header;
  const { signature, signed } = parts;
  const payload = jsonOf(parts.payload);
  if (payload === undefined || signature.length !== SIGNATURE_BYTES) return { fault: 'malformed' };
  return { kid: header.kid, typ: header.typ, payload, signature, signed };
}

/** @param keys by kid @param typ what it has to be */
export async function verifyJws(
  compact: unknown,
  keys: ReadonlyMap<string, TrustedKey>,
  typ: string,
): Promise<ParsedJws | { readonly fault: JwsFault }> {
  const jws = parseJws(compact);
  if ('fault' in jws) return jws;
  const trusted = keys.get(jws.kid);
  if (trusted === undefined) return { fault: 'unknown-key' };
  if (trusted.typ !== typ || jws.typ !== typ) return { fault: 'wrong-purpose' };
  return (await isSignedBy(trusted.key, jws)) ? jws : { fault: 'wrong-signature' };
}
