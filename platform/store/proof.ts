import { createHash } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { BoundedCache } from './bounded-cache.ts';

/** How far from now a proof may have been made, either way. */
const FRESH_MS = 60_000;
const PROOF_CHARACTERS = 4_096;
const TYPE = 'dpop+jwt';
const ALGORITHM = 'ES256';
/** Of the curve, in base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;
/** Of a key that is nobody's but its owner's. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

interface ProofKey {
  readonly key: CryptoKey | Uint8Array;
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string;
}

/** A browser comes with the same key for hours. Public halves, and what is computed from them: nothing is believed for being here. */
const keys = new BoundedCache<ProofKey>({ now: () => 0 }, { ageMs: Infinity, uses: Infinity, capacity: 4_096 });

/** What a proof has to be for. */
export interface ProofTarget {
  readonly method: string;
  /** Address without query and fragment. */
  readonly url: string;
  /** Absent where there is none yet. */
  readonly token?: string;
  /** UTC ms, by the clock that browsers go by. */
  readonly now: number;
}

export interface ShownKey {
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string;
  readonly jti: string;
}

/**
 * Whether a proof was made for this request, by the key it carries; that it was not used before is asked elsewhere.
 * @returns the key, or the reason of the refusal for the record @source RFC 9449 4.3
 */
export async function readProof(proof: string, target: ProofTarget): Promise<ShownKey | { readonly refused: string }> {
  if (proof.length > PROOF_CHARACTERS) return { refused: 'proof-malformed' };
  try {
    const header = decodeProtectedHeader(proof);
    const { jwk } = header;
    if (header.typ !== TYPE || header.alg !== ALGORITHM || header.crit !== undefined) return { refused: 'proof-type' };
    if (jwk === undefined || !isPublicKey(jwk)) return { refused: 'proof-key' };
    const { key, thumbprint } = await keyOf(jwk);
    const { payload } = await jwtVerify(proof, key, {
      algorithms: [ALGORITHM],
      currentDate: new Date(target.now),
      clockTolerance: FRESH_MS / 1_000,
    });
    const claims = claimsOf(payload, target);
    return 'refused' in claims ? claims : { ...claims, thumbprint };
  } catch {
    return { refused: 'proof-malformed' };
  }
}

function isPublicKey({ kty, crv, x, y, ...others }: JWK): boolean {
  const isPoint = kty === 'EC' && crv === 'P-256' && COORDINATE.test(String(x)) && COORDINATE.test(String(y));
  return isPoint && PRIVATE_MEMBERS.every((member) => !Object.hasOwn(others, member));
}

function keyOf({ kty, crv, x, y }: JWK): Promise<ProofKey> {
  const jwk = { kty, crv, x, y } as JWK;
  return keys.get(`${x} ${y}`, async () => ({ key: await importJWK(jwk, ALGORITHM), thumbprint: await calculateJwkThumbprint(jwk) }));
}

function claimsOf(
  payload: JWTPayload,
  { method, url, token, now }: ProofTarget,
): Omit<ShownKey, 'thumbprint'> | { readonly refused: string } {
  const { jti, iat } = payload;
  const { htm, htu, ath } = payload as { htm?: unknown; htu?: unknown; ath?: unknown };
  if (htm !== method || htu !== url) return { refused: 'proof-elsewhere' };
  if (typeof jti !== 'string' || jti.length < 8 || jti.length > 128) return { refused: 'proof-malformed' };
  if (typeof iat !== 'number' || Math.abs(now - iat * 1_000) > FRESH_MS) return { refused: 'proof-time' };
  if (token !== undefined && ath !== hashOf(token)) return { refused: 'proof-token' };
  return { jti };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
