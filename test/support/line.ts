import { createConnection } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';

/** Where a server listens on loopback, and the CA a client trusts; with `key` and `cert`, the client shows a certificate. */
export interface LineEnd {
  readonly port: number;
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string;
}

/** What no library offers any more unless it is told to. */
export const OLD_CIPHERS = 'ALL:@SECLEVEL=0';
const REQUEST = 'GET /nothing-here HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

function open(end: LineEnd, offer: ConnectionOptions): TLSSocket {
  return tlsConnect({ host: '127.0.0.1', servername: 'localhost', ...end, ...offer });
}

/** What a client that offers this and no more agrees on, or the alert it is refused with. */
export async function agreedOr(end: LineEnd, offer: ConnectionOptions): Promise<{ readonly agreed: string } | { readonly alert: string }> {
  const socket = open(end, offer);
  const outcome = await new Promise<{ agreed: string } | { alert: string }>((resolve) => {
    socket.once('secureConnect', () => resolve({ agreed: `${socket.getProtocol()} ${socket.getCipher().name}` }));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ alert: error.code ?? error.message }));
  });
  socket.destroy();
  return outcome;
}

/** Everything that can be taken up again of a connection that asked once and was answered, and whether this one took something up. */
async function visit(end: LineEnd, offer: ConnectionOptions): Promise<{ readonly sessions: readonly Buffer[]; readonly tookUp: boolean }> {
  const socket = open(end, offer);
  const sessions: Buffer[] = [];
  socket.on('session', (session: Buffer) => sessions.push(session));
  socket.resume();
  return await new Promise((resolve, reject) => {
    let tookUp = false;
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      tookUp = socket.isSessionReused();
      socket.write(REQUEST);
    });
    socket.once('close', () => resolve({ sessions, tookUp }));
  });
}

/** Of the sessions that a client was given in a connection, how many it could take up in the next, without a handshake of its own. */
export async function takenUp(end: LineEnd, version: 'TLSv1.2' | 'TLSv1.3'): Promise<{ readonly given: number; readonly takenUp: number }> {
  const offer = { minVersion: version, maxVersion: version } as const;
  const { sessions } = await visit(end, offer);
  let count = 0;
  for (const session of sessions) if ((await visit(end, { ...offer, session })).tookUp) count++;
  return { given: sessions.length, takenUp: count };
}

/** What comes of a client that wants other keys in the middle of a connection: `renegotiated`, or the error it ends with. */
export async function renegotiated(end: LineEnd): Promise<string> {
  const socket = open(end, { maxVersion: 'TLSv1.2' });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('closed'));
    socket.once('secureConnect', () => {
      socket.resume();
      socket.renegotiate({}, (error) => {
        if (error === null) resolve('renegotiated');
      });
    });
  });
  socket.destroy();
  return outcome;
}

/** Everything that is said to who speaks without TLS, until the connection is ended. */
export async function saidInClear(port: number): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  const said: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(said).toString('latin1');
}
