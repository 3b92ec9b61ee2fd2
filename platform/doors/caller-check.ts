import type { X509Certificate } from 'node:crypto';
import type { Defences } from '../../topology/defences.ts';
import { type ApiRole, PUBLIC } from '../../topology/route.ts';
import type { Authorization, Identity, JudgedRoute } from '../ports/authorizer.ts';
import { leafFault } from './leaf-check.ts';
import type { SessionCheck } from './session-check.ts';

/** What the registry says of a certificate. */
export interface Standing {
  readonly name: string;
  readonly role: ApiRole;
  readonly status: 'active' | 'revoked';
}

/** Who stands behind a certificate, or the reason of the refusal, for the record. */
export type Judged = { readonly name: string; readonly role: ApiRole } | { readonly refused: string };

/** What a certificate is judged by, besides its issuer and the registry. */
export interface CallerRules {
  /** UTC ms, by the platform's clock. */
  readonly now: number;
  /** Off only under `--prove`: revocation is then ignored. */
  readonly defences: Pick<Defences, 'certificateStatus'>;
}

/** Who each is and as what stands in the certificate and in the registry, and both must agree. @param role of the CA that signed */
export function judgeCaller(
  certificate: X509Certificate,
  role: ApiRole | undefined,
  standing: Standing | undefined,
  { now, defences }: CallerRules,
): Judged {
  if (role === undefined) return { refused: 'wrong-issuer' };
  const fault = leafFault(certificate, now);
  if (fault !== undefined) return { refused: fault };
  if (standing === undefined || standing.role !== role || certificate.subject !== `CN=${standing.name}`) return { refused: 'unregistered' };
  if (standing.status !== 'active' && defences.certificateStatus) return { refused: 'revoked' };
  return { name: standing.name, role };
}

/** What callers are judged by besides themselves. */
export interface CallerJudges {
  readonly defences: Pick<Defences, 'callerCertificates'>;
  /** Asked anew for every request. */
  readonly judge: (certificate: Buffer) => Judged | Promise<Judged>;
  /** Absent where nobody can sign in. */
  readonly sessions?: SessionCheck | undefined;
}

/**
 * Whether a caller may have a route. What is public asks nobody who they are, and so nobody there is anybody. Whoever has a session is
 * judged by it, and by no certificate besides. What nothing allows is denied. @source X.1332 9.2 to 9.4, 10.2 to 10.4 (access control)
 */
export async function authorizeCaller(identity: Identity, route: JudgedRoute, judges: CallerJudges): Promise<Authorization> {
  const { defences, judge, sessions } = judges;
  const { certificate } = identity;
  const { roles } = route;
  if (roles.includes(PUBLIC)) {
    const proofKey = await sessions?.keyOf(identity);
    return { allowed: true, person: PUBLIC, role: PUBLIC, ...(proofKey !== undefined && { proofKey }) };
  }
  if (sessions?.applies(identity, route) === true) return await sessions.authorize(identity, route);
  // Under `--prove` alone: whoever comes is what the route names first.
  if (!defences.callerCertificates) return { allowed: true, person: 'anybody', role: roles[0] ?? PUBLIC };
  if (certificate === undefined) return denied('certificate-missing');
  const judged = await judge(certificate);
  if ('refused' in judged) return denied(judged.refused);
  if (!roles.includes(judged.role)) return { allowed: false, because: 'forbidden', reason: 'wrong-role' };
  return { allowed: true, person: judged.name, role: judged.role };
}

function denied(reason: string): Authorization {
  return { allowed: false, because: 'unauthenticated', reason };
}
