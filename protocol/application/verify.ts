import { fromBase64url } from '../portable/base64url.ts';
import { ES256, isSignedBy, type JwsParts, readHeader, SIGNATURE_BYTES, splitJws } from '../portable/compact-jws.ts';
import { APPLICATION_TYP, type ApplicationFault, type ApplicationManifest, readManifest, type Seen } from './manifest.ts';

/** What is pinned in whoever verifies. */
export interface ApplicationTrust {
  readonly application: string;
  /** SPKI DER of P-256 keys, base64url, by their RFC 7638 thumbprints. */
  readonly keys: Readonly<Record<string, string>>;
  /** On, but where a test proves what it is for. */
  readonly verifyManifest: boolean;
}

/** Longest manifest that is looked at, characters. */
const LONGEST = 131_072;

type Verdict = { readonly manifest: ApplicationManifest } | { readonly fault: ApplicationFault };

/**
 * Verifies a manifest before anything of it counts. Web Crypto alone: the same code in a page, in a service worker and in Node.
 * @param compact compact JWS @param seen what this verifier verified before: nothing lower passes @param now UTC ms, by the clock of whoever starts it
 */
export async function verifyApplication(compact: string, trust: ApplicationTrust, seen: Seen, now: number): Promise<Verdict> {
  const jws = splitJws(compact, LONGEST);
  if (jws?.signature.length !== SIGNATURE_BYTES) return { fault: 'malformed' };
  const manifest = readManifest(jws.payload);
  if (!trust.verifyManifest) return manifest === undefined ? { fault: 'malformed' } : { manifest };
  const header = readHeader(jws.header);
  if ('fault' in header) return header;
  if (header.typ !== APPLICATION_TYP) return { fault: 'wrong-purpose' };
  if (!Object.hasOwn(trust.keys, header.kid)) return { fault: 'unknown-key' };
  if (!(await isGenuine(trust.keys[header.kid]!, jws))) return { fault: 'wrong-signature' };
  if (manifest === undefined) return { fault: 'malformed' };
  const fault = standing(manifest, trust.application, seen) ?? (now >= manifest.validUntil ? 'expired' : undefined);
  return fault === undefined ? { manifest } : { fault };
}

async function isGenuine(spki: string, jws: JwsParts): Promise<boolean> {
  const key = await crypto.subtle.importKey('spki', fromBase64url(spki) ?? new Uint8Array(), ES256, false, ['verify']);
  return isSignedBy(key, jws);
}

function standing({ application, version }: ApplicationManifest, expected: string, seen: Seen): ApplicationFault | undefined {
  if (application !== expected) return 'another-application';
  if (version < seen.minVersion) return 'below-minimum';
  return version < seen.version ? 'older-version' : undefined;
}
