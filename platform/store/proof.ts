import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';

/** How far from now a proof may have been made, either way. */
const FRESH_MS = 60_000;
const PROOF_CHARACTERS = 4_096;
const TYPE = 'dpop+jwt';
const ALGORITHM = 'ES256';
/** Of a key that is nobody's but its owner's. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

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
    const { kty, crv, x, y } = jwk;
    const key = { kty, crv, x, y } as JWK;
    const { payload } = await jwtVerify(proof, await importJWK(key, ALGORITHM), {
      algorithms: [ALGORITHM],
      currentDate: new Date(target.now),
      clockTolerance: FRESH_MS / 1_000,
    });
    const claims = claimsOf(payload, target);
    return 'refused' in claims ? claims : { ...claims, thumbprint: await calculateJwkThumbprint(key) };
  } catch {
    return { refused: 'proof-malformed' };
  }
}

function isPublicKey(jwk: JWK): boolean {
  return jwk.kty === 'EC' && jwk.crv === 'P-256' && PRIVATE_MEMBERS.every((member) => !Object.hasOwn(jwk, member));
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
