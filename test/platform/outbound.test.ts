import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, type Socket, createServer as tcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpsOutbound, type OutboundOptions } from '../../platform/doors/outbound.ts';
import { mayConnectTo, networks } from '../../platform/doors/public-address.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';

const directory = mkdtempSync(join(tmpdir(), 'joulekeep-outbound-'));
const LOCAL: OutboundOptions = { privateNetworks: ['127.0.0.0/8'] };
let ca: CertificateAuthority;
let stranger: CertificateAuthority;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  ca = await CertificateAuthority.open(join(directory, 'ca'), { now: () => Date.now() });
  stranger = await CertificateAuthority.open(join(directory, 'stranger'), { now: () => Date.now() });
});

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Receiver {
  readonly url: string;
  readonly got: { readonly headers: IncomingMessage['headers']; readonly body: string }[];
}

async function receiver(answer: (response: ServerResponse) => void): Promise<Receiver> {
  const got: Receiver['got'] = [];
  const server: Server = createServer({ key: ca.server.key, cert: ca.server.chain }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/feeds?x=1`, got };
}

const post = (url: string, { privateNetworks = [], ...options }: OutboundOptions = LOCAL, trusted = ca.rootPem) =>
  new HttpsOutbound({ privateNetworks, ...options }).post({
    url,
    headers: { 'joulekeep-delivery': 'a/1' },
    body: Buffer.from('an item'),
    ca: trusted,
  });

describe('what leaves for somebody else', () => {
  it('arrives as it is, with its headers, over TLS that ends at the pinned authority', async () => {
    const { url, got } = await receiver((response) => response.writeHead(204).end());
    expect(await post(url)).toEqual({ status: 204 });
    expect(got).toMatchObject([{ body: 'an item', headers: { 'joulekeep-delivery': 'a/1', 'content-length': '7' } }]);
    expect(await post(url, LOCAL, stranger.rootPem)).toEqual({ failure: 'unreachable' });
    expect(got).toHaveLength(1);
  });

  it('goes nowhere else, whatever the answer says', async () => {
    const inner = await receiver((response) => response.writeHead(200).end());
    const { url } = await receiver((response) => response.writeHead(307, { location: inner.url }).end());
    expect(await post(url)).toEqual({ status: 307 });
    expect(inner.got).toEqual([]);
  });

  it('a receiver that hangs, before or within its answer, costs its patience and no more', async () => {
    const silent = await receiver(() => {});
    expect(await post(silent.url, { ...LOCAL, patienceMs: 150 })).toEqual({ failure: 'timeout' });
    const slow = await receiver((response) => response.writeHead(200).write('a'));
    expect(await post(slow.url, { ...LOCAL, patienceMs: 150 })).toEqual({ failure: 'timeout' });
    const mute = tcpServer(() => {});
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const sockets: Socket[] = [];
    mute.on('connection', (socket) => sockets.push(socket));
    open.push({
      close: () => {
        for (const socket of sockets) socket.destroy();
        mute.close();
      },
    });
    expect(await post(`https://127.0.0.1:${(mute.address() as AddressInfo).port}/`, { ...LOCAL, patienceMs: 150 })).toEqual({
      failure: 'timeout',
    });
  });

  it('an answer that goes on and on is cut off', async () => {
    const { url } = await receiver((response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      more();
    });
    expect(await post(url)).toEqual({ failure: 'too-large' });
  });

  it('one that closes, resets or talks no TLS was not reached', async () => {
    const { url } = await receiver((response) => response.destroy());
    expect(await post(url)).toEqual({ failure: 'unreachable' });
    const half = await receiver((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a', () => response.destroy());
    });
    expect(await post(half.url)).toEqual({ failure: 'unreachable' });
    const plain = tcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    open.push(plain);
    const { port } = plain.address() as AddressInfo;
    expect(await post(`https://127.0.0.1:${port}/`)).toEqual({ failure: 'unreachable' });
  });

  it.each([
    'http://example.org/',
    'ftp://example.org/',
    'https://user:secret@example.org/',
    'nonsense',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.8/',
    'https://[fd00::1]/',
    'https://localhost/',
  ])('nothing is sent to %s', async (url) => {
    const { url: listening, got } = await receiver((response) => response.writeHead(204).end());
    const { port } = new URL(listening);
    expect(await post(url.replace(/\/$/, `:${port}/`), {})).toEqual({ failure: 'refused-address' });
    expect(got).toEqual([]);
  });

  it('networks behind private links are those that the platform was told of, and no other', () => {
    const told = networks(['10.20.0.0/16', 'fd12::/16']);
    expect(
      ['10.20.3.4', '::ffff:10.20.3.4', 'fd12::1', '93.184.215.14', '2606:2800::1'].map((address) => mayConnectTo(address, told)),
    ).toEqual([true, true, true, true, true]);
    expect(
      ['10.21.0.1', '127.0.0.1', 'fd13::1', '192.168.1.1', '100.64.0.1', '0.0.0.0', 'ff02::1', 'name', '::ffff:a14:304'].map((address) =>
        mayConnectTo(address, told),
      ),
    ).toEqual(Array.from({ length: 9 }, () => false));
    expect(() => networks(['10.20.0.0'])).toThrow(RangeError);
  });
});
