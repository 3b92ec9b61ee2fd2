import { fromBase64url } from './bytes.ts';
import { APPLICATION_TYP, type ApplicationFault, type ApplicationManifest, readManifest, type Seen } from './manifest.ts';

/** What is pinned in whoever verifies. */
export interface ApplicationTrust {
  readonly application: string;
  /** SPKI DER of P-256 keys, base64url, by their RFC 7638 thumbprints. */
  readonly keys: Readonly<Record<string, string>>;
  /** On, but where a test proves what it is for. */
  readonly verifyManifest: boolean;
}

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SIGNATURE_BYTES = 64;
/** Longest manifest that is looked at, characters. */
const LONGEST = 131_072;

type Verdict = { readonly manifest: ApplicationManifest } | { readonly fault: ApplicationFault };

/**
 * Verifies a manifest before anything of it counts. Web Crypto alone: the same code in a page, in a service worker and in Node.
 * @param compact compact JWS @param seen what this verifier verified before: nothing lower passes
 */
export async function verifyApplication(compact: string, trust: ApplicationTrust, seen: Seen): Promise<Verdict> {
  const parts = compact.length > LONGEST ? [] : compact.split('.');
  const [header, payload, signature] = parts.map(fromBase64url);
  if (parts.length !== 3 || !header || !payload || signature?.length !== SIGNATURE_BYTES) return { fault: 'malformed' };
  const manifest = readManifest(payload);
  if (!trust.verifyManifest) return manifest === undefined ? { fault: 'malformed' } : { manifest };
  const kid = kidOf(header);
  if ('fault' in kid) return kid;
  if (!Object.hasOwn(trust.keys, kid.kid)) return { fault: 'unknown-key' };
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  if (!(await isGenuine(trust.keys[kid.kid]!, signature, signed))) return { fault: 'wrong-signature' };
  if (manifest === undefined) return { fault: 'malformed' };
  const fault = standing(manifest, trust.application, seen);
  return fault === undefined ? { manifest } : { fault };
}

/** Three members, and the values that are ours, to the letter: whatever else a header could ask for makes it none of ours. */
function kidOf(bytes: Uint8Array): { readonly kid: string } | { readonly fault: ApplicationFault } {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { fault: 'malformed' };
  }
  if (typeof header !== 'object' || header === null) return { fault: 'malformed' };
  const { alg, typ, kid, ...others } = header as Record<string, unknown>;
  if (alg !== 'ES256') return { fault: 'wrong-algorithm' };
  if (typ !== APPLICATION_TYP) return { fault: 'wrong-purpose' };
  return typeof kid === 'string' && Object.keys(others).length === 0 ? { kid } : { fault: 'malformed' };
}

async function isGenuine(spki: string, signature: Uint8Array<ArrayBuffer>, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const key = await crypto.subtle.importKey('spki', fromBase64url(spki) ?? new Uint8Array(), ES256, false, ['verify']);
  return await crypto.subtle.verify(ES256, key, signature, signed);
}

function standing({ application, version }: ApplicationManifest, expected: string, seen: Seen): ApplicationFault | undefined {
  if (application !== expected) return 'another-application';
  if (version < seen.minVersion) return 'below-minimum';
  return version < seen.version ? 'older-version' : undefined;
}
