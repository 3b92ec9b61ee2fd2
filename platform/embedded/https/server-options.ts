import { constants } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import type { Defences } from '../../../topology/defences.ts';
import type { CertificateAuthority } from '../gateway/ca.ts';
import type { ApiLimits } from './gateway.ts';

/** How often slow requests are looked for. */
const LOOK_MS = 250;

/** Keys of a connection are agreed for it alone, and its bytes are authenticated with what they say. */
const MODERN = {
  minVersion: 'TLSv1.2',
  ciphers: 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
} as const;
/** What stands where the mechanism is switched off: whatever the library can still do. */
const ANY = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

/** TLS 1.2 or later, every client asked for its certificate; time limits against clients that never finish. */
export function serverOptions(
  ca: Pick<CertificateAuthority, 'server' | 'rootPem'>,
  limits: ApiLimits,
  { modernTls }: Pick<Defences, 'modernTls'>,
): ServerOptions {
  return {
    ...(modernTls ? MODERN : ANY),
    key: ca.server.key,
    cert: ca.server.chain,
    ca: [ca.rootPem],
    requestCert: true,
    // Who has no certificate of ours gets the answer that everybody gets who may not: the authorizer judges what was shown.
    rejectUnauthorized: false,
    handshakeTimeout: limits.handshakeWithinMs,
    // No tickets: every connection shows its certificate again.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersWithinMs,
    requestTimeout: limits.requestWithinMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, limits.headersWithinMs),
    insecureHTTPParser: false,
  };
}
