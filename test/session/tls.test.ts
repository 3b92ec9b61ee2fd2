import { type ConnectionOptions, getCiphers } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agreedOr, type LineEnd, OLD_CIPHERS, renegotiated, saidInClear, takenUp } from '../support/line.ts';
import { SessionWorld } from './session-world.ts';

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

function endOf(place: Place): LineEnd {
  const address = place === 'provider' ? world.issuer : world.addressOf(place);
  return { port: Number(new URL(address).port), ca: world.platform.ca.rootPem };
}

/** What a client that offers this and no more agrees on, or `refused`. */
async function agreed(place: Place, offer: ConnectionOptions): Promise<string> {
  const outcome = await agreedOr(endOf(place), offer);
  return 'agreed' in outcome ? outcome.agreed : 'refused';
}

describe.each(PLACES)('what a browser and the %s say to each other', (place) => {
  it('R9.2-1: is in TLS 1.3, or in 1.2 where the browser knows no newer', async () => {
    expect(await agreed(place, {})).toMatch(/^TLSv1\.3 TLS_AES_(256_GCM_SHA384|128_GCM_SHA256)$/);
    expect(await agreed(place, { maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 ECDHE-ECDSA-AES(256-GCM-SHA384|128-GCM-SHA256)$/);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('R9.2-1: is not in %s', async (version) => {
    const offer = { minVersion: version, maxVersion: version, ciphers: OLD_CIPHERS };
    expect(await agreedOr(endOf(place), offer)).toEqual({ alert: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
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

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'R9.2-1, C10.2-1: has keys of its own in each connection of %s: none is taken up from one before',
    async (version) => {
      const { given, takenUp: count } = await takenUp(endOf(place), version);
      expect(given).toBeGreaterThan(0);
      expect(count).toBe(0);
    },
  );

  it('R9.2-1, C10.2-1: is not agreed on anew in the middle of a connection', async () => {
    expect(await renegotiated(endOf(place))).toBe('ERR_SSL_NO_RENEGOTIATION');
  });

  it('R9.2-1: asks the browser never to come without TLS', async () => {
    const address = place === 'provider' ? world.issuer : world.addressOf(place);
    for (const path of ['/v1/sessions', '/nothing-here'])
      expect((await world.send(address + path, {})).headers['strict-transport-security'], path).toBe('max-age=63072000');
  });

  it('R9.2-1: is never in clear: without TLS there is no answer, not even where to go', async () => {
    expect(await saidInClear(endOf(place).port)).not.toMatch(/HTTP|<html|location/i);
  });
});
