import { createConnection } from 'node:net';
import { type ConnectionOptions, getCiphers, connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionWorld } from './session-world.ts';

/** What no library offers any more unless it is told to. */
const OLD = 'ALL:@SECLEVEL=0';
const OURS = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
/** What the library can do and does not list. */
const UNLISTED = [
  ...['128-CCM8', '128-CCM', '256-CCM8', '256-CCM'].map((aes) => `ECDHE-ECDSA-AES${aes}`),
  ...['CAMELLIA128-SHA256', 'CAMELLIA256-SHA384', 'ARIA128-GCM-SHA256', 'ARIA256-GCM-SHA384', 'NULL-SHA'].map(
    (name) => `ECDHE-ECDSA-${name}`,
  ),
  ...['AECDH-AES128-SHA', 'AECDH-NULL-SHA', 'ADH-AES128-GCM-SHA256', 'NULL-SHA256'],
];
/** Everything else that the library of this machine can do in TLS 1.2: unauthenticated, without forward secrecy, with padding that can be probed, with a short tag. */
const OTHERS = [...getCiphers().map((name) => name.toUpperCase()), ...UNLISTED].filter(
  (name) => !name.startsWith('TLS_') && !OURS.includes(name),
);
const OTHERS_OF_1_3 = ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256'];

let world: SessionWorld;
beforeAll(async () => {
  world = await SessionWorld.open();
});
afterAll(() => world.close());

const PLACES = ['portal', 'console', 'provider'] as const;
type Place = (typeof PLACES)[number];

function portOf(place: Place): number {
  return Number(new URL(place === 'provider' ? world.issuer : world.addressOf(place)).port);
}

/** What a client that offers this and no more agrees on, or `refused`. */
async function agreed(place: Place, offer: ConnectionOptions): Promise<string> {
  const ca = world.platform.ca.rootPem;
  const socket = tlsConnect({ port: portOf(place), host: '127.0.0.1', servername: 'localhost', ca, ...offer });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('secureConnect', () => resolve(`${socket.getProtocol()} ${socket.getCipher().name}`));
    socket.once('error', () => resolve('refused'));
  });
  socket.destroy();
  return outcome;
}

/** Everything that is said to who speaks without TLS, until the connection is ended. */
async function saidInClear(place: Place): Promise<string> {
  const socket = createConnection(portOf(place), '127.0.0.1');
  const said: Buffer[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(said).toString('latin1');
}

describe.each(PLACES)('what a browser and the %s say to each other', (place) => {
  it('R9.2-1: is in TLS 1.3, or in 1.2 where the browser knows no newer', async () => {
    expect(await agreed(place, {})).toMatch(/^TLSv1\.3 TLS_AES_(256_GCM_SHA384|128_GCM_SHA256)$/);
    expect(await agreed(place, { maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 ECDHE-ECDSA-AES(256-GCM-SHA384|128-GCM-SHA256)$/);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('R9.2-1: is not in %s', async (version) => {
    expect(await agreed(place, { minVersion: version, maxVersion: version, ciphers: OLD })).toBe('refused');
  });

  it('R9.2-1: is under no other cipher that there is, however much a client wants it', async () => {
    expect(OTHERS.length).toBeGreaterThan(30);
    const taken: string[] = [];
    for (const cipher of OTHERS) {
      const offer = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` } as const;
      if ((await agreed(place, offer)) !== 'refused') taken.push(cipher);
    }
    expect(taken).toEqual([]);
  });

  it.each(OTHERS_OF_1_3)('R9.2-1: nor, in TLS 1.3, under %s', async (cipher) => {
    expect(await agreed(place, { minVersion: 'TLSv1.3', ciphers: cipher })).toBe('refused');
  });

  it('R9.2-1: asks the browser never to come without TLS', async () => {
    const address = place === 'provider' ? world.issuer : world.addressOf(place);
    for (const path of ['/v1/sessions', '/nothing-here'])
      expect((await world.send(address + path, {})).headers['strict-transport-security'], path).toBe('max-age=63072000');
  });

  it('R9.2-1: is never in clear: without TLS there is no answer, not even where to go', async () => {
    expect(await saidInClear(place)).not.toMatch(/HTTP|<html|location/i);
  });
});
