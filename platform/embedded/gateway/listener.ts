import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { THING_TYPES } from '../../../topology/device-access.ts';
import type { CertificateAuthority } from './ca.ts';

const HOST = '127.0.0.1';
/** TLS verdicts on validity go by the machine's clock; `judgeCertificate` decides by the platform's. */
const TIME_VERDICTS: readonly unknown[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

export interface Listener {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** Absent: plain TCP, without any certificate. */
  readonly ca: CertificateAuthority | undefined;
  /** 0 = any free one. */
  readonly port: number;
  readonly handshakeMs: number;
  /** @param certificate DER of the client's certificate, whose key the handshake proved; undefined on plain TCP */
  readonly accept: (socket: Socket, certificate: Buffer | undefined) => void;
  readonly refuse: (reason: string) => void;
}

/** TLS 1.2 or later with a client certificate of ours, on the loopback interface. @source X.1332 10.1 (mutual authentication) */
export async function listenForDevices(options: ListenerOptions): Promise<Listener> {
  const { ca, accept, refuse } = options;
  const server: Server = ca === undefined ? createPlainServer() : createTlsServer(tlsOptions(ca, options.handshakeMs));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (ca === undefined) accept(socket, undefined);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const reason = tlsRefusal(socket);
    if (reason === undefined) return accept(socket, socket.getPeerX509Certificate()?.raw);
    refuse(reason);
    socket.on('error', () => {});
    socket.destroy();
  });
  server.on('tlsClientError', () => refuse('tls-failed'));
  server.listen(options.port, HOST);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { url: `${ca === undefined ? 'mqtt' : 'mqtts'}://${HOST}:${port}`, port, close };
}

function tlsRefusal(socket: TLSSocket): string | undefined {
  if (socket.getPeerX509Certificate() === undefined) return 'certificate-missing';
  const verdict: unknown = socket.authorizationError;
  return socket.authorized || TIME_VERDICTS.includes(verdict) ? undefined : 'certificate-untrusted';
}

function tlsOptions(ca: CertificateAuthority, handshakeMs: number): TlsOptions {
  const connectable = THING_TYPES.filter((type) => type.policies.length > 0).map((type) => ca.issuerOf(type.role).toString());
  return {
    key: ca.server.key,
    cert: ca.server.chain,
    ca: [ca.rootPem, ...connectable],
    requestCert: true,
    // `tlsRefusal` rejects: it lets pass only what the machine's clock alone objects to.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ciphers: 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
    handshakeTimeout: handshakeMs,
    // No tickets: every connection shows its certificate again.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}
