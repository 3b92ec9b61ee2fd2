import { X509Certificate } from 'node:crypto';
import { THING_TYPES } from '../../../topology/device-access.ts';
import { issuedBy, leafFault } from '../../doors/leaf-check.ts';
import { fingerprintOf } from '../../doors/thing-check.ts';
import type { DeviceRole } from '../../ports/platform.ts';
import type { CertificateStanding } from './devices.ts';

/** What a certificate is judged against. */
export interface CertificateRules {
  readonly issuerOf: (role: DeviceRole) => X509Certificate;
  readonly standing: (fingerprint: string) => CertificateStanding | undefined;
  /** UTC ms, by the platform's clock. */
  readonly now: number;
  /** Off only under `--prove`: revocation is then ignored. */
  readonly certificateStatus: boolean;
}

/** The device behind a connection. */
export interface Identity {
  readonly thing: string;
  /** Undefined on a link in clear, which the network-independence test uses. */
  readonly fingerprint: string | undefined;
}

/**
 * Judges a client certificate whose key the TLS handshake has proved. Signature, chain, use and validity are looked at
 * here, whatever the TLS library made of them: it knows the machine's clock only.
 * @returns the identity, or the reason of the refusal, for the record
 * @source X.1332 10.1 (mutual authentication)
 */
export function judgeCertificate(der: Buffer, rules: CertificateRules): Identity | { readonly refused: string } {
  const certificate = new X509Certificate(der);
  const role = THING_TYPES.filter((type) => type.policies.length > 0).find((type) =>
    issuedBy(certificate, rules.issuerOf(type.role)),
  )?.role;
  if (role === undefined) return { refused: 'wrong-issuer' };
  const fault = leafFault(certificate, rules.now);
  if (fault !== undefined) return { refused: fault };
  const fingerprint = fingerprintOf(der);
  const standing = rules.standing(fingerprint);
  if (standing === undefined || standing.role !== role) return { refused: 'unregistered' };
  if (standing.status !== 'active' && rules.certificateStatus) return { refused: 'revoked' };
  return { thing: standing.thing, fingerprint };
}
