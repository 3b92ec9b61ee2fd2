import { sign } from 'node:crypto';
import { SignJWT } from 'jose';
import { PRICE_ISSUER, PRICE_UNIT } from '../../events/price.ts';
import { type IdTokenRules, readIdToken } from '../../platform/doors/id-token.ts';
import { readProof } from '../../platform/store/proof.ts';
import { readManifest } from '../../protocol/application/manifest.ts';
import { compactJws, jwsSigningInput, type PinnedKey, parseJws, verifyJws } from '../../protocol/jws.ts';
import { readKeyListOf } from '../../protocol/key-list.ts';
import { readHeader, SIGNATURE_BYTES, splitJws } from '../../protocol/portable/compact-jws.ts';
import { readDayAhead, readDemandResponse, readPrice } from '../../protocol/price/claims.ts';
import { verifyWebhook, WEBHOOK_HEADER, WEBHOOK_TYP, webhookClaims } from '../../protocol/webhook.ts';
import { benchPair } from '../keys.ts';
import { Broken, type FuzzTarget } from '../target.ts';

const { privateKey, publicKey } = benchPair('tokens');
const KID = 'bench-key';
const NOW = 1_700_000_000_000;
const BODY = Buffer.from('body');
const pinned = (typ: string) => new Map<string, PinnedKey>([[KID, { key: publicKey, typ }]]);

function signed(typ: string, payload: Uint8Array): string {
  const input = jwsSigningInput({ kid: KID, typ }, payload);
  return compactJws(input, sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
}

const PROOF = { method: 'GET', url: 'https://localhost:8444/v1/sessions', now: NOW };
const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as Record<string, string>;
const claims = { htm: 'GET', htu: PROOF.url, jti: 'a-proof-of-the-bench', iat: NOW / 1_000 };
const person = {
  ...{ iss: 'https://id.example', aud: 'portal', exp: NOW / 1_000 + 60, iat: NOW / 1_000, sub: 'a', nonce: 'A'.repeat(43) },
  ...{ auth_time: NOW / 1_000, 'custom:account': 'account-00001', 'cognito:username': 'anna', amr: ['pop'] },
};
const idRules: IdTokenRules = {
  ...{ key: publicKey as never, issuer: person.iss, audience: 'portal', application: 'portal', now: NOW, verified: true },
  algorithm: 'ES256',
};
const jwt = (payload: object, header: object) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey);

const manifest = {
  ...{ application: 'portal', version: 3, minVersion: 1, issuedAt: 5, validUntil: 9 },
  files: { 'index.html': `sha384-${'A'.repeat(64)}` },
};
const chained = { iss: PRICE_ISSUER, seq: 4, prevHash: 'abc', iat: 1, nbf: 1_800, exp: 3_600 };
const price = { ...chained, zone: 'north', unit: PRICE_UNIT, start: 1_800, minutes: 30, prices: [250_000] };
const tariff = { currency: 'GBP', tariff: 'flat', version: 1, low: [1], high: [300_000], bands: ['a'], chain: { seq: 1, hash: 'abc' } };
const event = {
  ...{ id: 'e', programID: 'summer', objectType: 'EVENT', intervalPeriod: { start: 'now', duration: 'PT1H', randomizeStart: 'PT5M' } },
  intervals: [{ id: 0, payloads: [{ type: 'SIMPLE', values: [1] }] }],
};
const payloads = [manifest, price, { ...price, ...tariff }, { ...chained, program: 'summer', event }].map((value) =>
  Buffer.from(JSON.stringify(value)),
);

/** Node and browser read the same three parts, or none; nothing verifies that the bench did not sign. */
function readJws(input: Buffer): boolean {
  const text = input.toString('latin1');
  const [ours, parts] = [parseJws(text), splitJws(text)];
  const isRead = parts !== undefined && parts.signature.length === SIGNATURE_BYTES && !('fault' in readHeader(parts.header));
  if ('fault' in ours === isRead) throw new Broken('server and browser do not agree on what a JWS is');
  if (!('fault' in verifyJws(text, pinned('bench+jws'), 'bench+jws')) && !genuine.has(text)) throw new Broken('a forgery verifies');
  readKeyListOf(text);
  return isRead;
}

const genuine = new Set(payloads.map((payload) => signed('bench+jws', payload)));

function readPayload(input: Buffer): boolean {
  const manifestRead = readManifest(input) !== undefined;
  const value = jsonIn(input);
  if (value === undefined) return manifestRead;
  return [readDayAhead, readPrice, readDemandResponse].filter((read) => read(value) !== undefined).length > 0 || manifestRead;
}

function jsonIn(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString());
  } catch {
    return undefined;
  }
}

/** What an input says, by another reader than ours. */
const saidIn = (input: Buffer) => jsonIn(input) as Readonly<Record<string, unknown>>;
const isNear = (instantMs: unknown, mostMs: number) => typeof instantMs === 'number' && Math.abs(NOW - instantMs) <= mostMs;

/** Signed by who may, whatever it says. */
function readWebhook(input: Buffer): boolean {
  const headers = { [WEBHOOK_HEADER.id]: 'usage/7', [WEBHOOK_HEADER.signature]: signed(WEBHOOK_TYP, input) };
  const read = verifyWebhook({ headers, body: BODY }, { recipient: 'brightly', keys: pinned(WEBHOOK_TYP), now: NOW });
  if ('fault' in read) return false;
  const { id, recipient, body, at } = saidIn(input);
  const own = webhookClaims('usage/7', 'brightly', BODY, NOW);
  if (id !== own.id || recipient !== own.recipient || body !== own.body || !isNear(at, 300_000))
    throw new Broken('another push is believed');
  return true;
}

/** Genuine tokens that say whatever an input says: what is believed of them must be for this request and this application. */
function signedAs(header: object, payload: Buffer): string {
  const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload.toString('base64url')}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function readProofClaims(input: Buffer): Promise<boolean> {
  const shown = await readProof(signedAs({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } }, input), PROOF);
  if ('refused' in shown) return false;
  const { htm, htu, jti, iat } = saidIn(input);
  if (htm !== PROOF.method || htu !== PROOF.url) throw new Broken('a proof for another request is believed');
  if (jti !== shown.jti || !isNear(Number(iat) * 1_000, 60_000))
    throw new Broken('a proof of another time, or under another id, is believed');
  return true;
}

async function readSignedInClaims(input: Buffer): Promise<boolean> {
  const read = await readIdToken(signedAs({ alg: 'ES256' }, input), idRules);
  if ('refused' in read) return false;
  const { iss, aud, exp, iat, nonce, auth_time: authTime, 'custom:account': account } = saidIn(input);
  if (iss !== person.iss || aud !== person.aud) throw new Broken('a sign-in of another issuer, or for another application, is believed');
  if (!(Number(exp) * 1_000 > NOW - 6_000) || !isNear(Number(iat) * 1_000, 306_000))
    throw new Broken('a sign-in of another time is believed');
  const said = { person: account, keyThumbprint: nonce, at: Number(authTime) * 1_000, role: 'customer' };
  if (Object.entries(said).some(([name, value]) => read[name as keyof typeof read] !== value)) throw new Broken('somebody else signed in');
  return true;
}

async function readSignedIn(input: Buffer): Promise<boolean> {
  const text = input.toString('latin1');
  const read = await readIdToken(text, idRules);
  // jose reads a signature with spare bits or padding as well: another spelling, and no other words.
  if (!('refused' in read) && wordsOf(text) !== wordsOf((await tokens)[0])) throw new Broken('a forged sign-in is believed');
  return !('refused' in read);
}

/** What is signed. */
function wordsOf(token: string): string {
  return token.split('.').slice(0, 2).join('.');
}

async function readAnyProof(input: Buffer): Promise<boolean> {
  const shown = await readProof(input.toString('latin1'), PROOF);
  if (!('refused' in shown) && shown.jti !== claims.jti) throw new Broken('a forged proof is believed');
  return !('refused' in shown);
}

const tokens = Promise.all([jwt(person, {}), jwt(claims, { typ: 'dpop+jwt', jwk: { kty, crv, x, y } })]);
const b64 = (text: string) => Buffer.from(text).toString('base64url');
const dictionary = [
  ...[
    '.',
    '..',
    '=',
    '-',
    '_',
    b64('{"alg":"none"}'),
    b64('{"alg":"HS256"}'),
    b64('{"alg":"ES256","typ":"dpop+jwt","jwk":{}}'),
    b64('null'),
    b64('[]'),
  ],
  ...['"alg"', '"none"', '"kid"', '"files"', '"version"', 'sha384-', 'null', '{}', '[]', '1e999', '"__proto__"', '"id"', '"at"'],
];
const tokenTarget = (name: string, what: string, share: number, covers: readonly string[]) => ({
  ...{ name, what, share, covers, dictionary, mostBytes: 2_048, codes: [] },
});

export const TOKEN_TARGETS: readonly FuzzTarget[] = [
  {
    ...tokenTarget('jws', 'signed items of feeds, prices and keys', 4, ['protocol/jws.ts', 'protocol/portable/', 'protocol/key-list.ts']),
    seeds: () => [...genuine].map((text) => Buffer.from(text)),
    run: readJws,
  },
  {
    ...tokenTarget('payload', 'manifests of applications, prices, wishes', 6, [
      'protocol/application/',
      'protocol/price/',
      'protocol/portable/',
    ]),
    seeds: () => payloads,
    run: readPayload,
  },
  {
    ...tokenTarget('webhook', 'what is pushed to a recipient', 1, ['protocol/webhook.ts']),
    seeds: () => [Buffer.from(JSON.stringify(webhookClaims('usage/7', 'brightly', BODY, NOW)))],
    run: readWebhook,
  },
  {
    ...tokenTarget('id-token', 'tokens of the identity provider', 1, ['platform/doors/id-token.ts']),
    seeds: async () => [Buffer.from((await tokens)[0])],
    run: readSignedIn,
  },
  {
    ...tokenTarget('proof', 'proofs of possession of browsers', 1, ['platform/store/proof.ts']),
    seeds: async () => [Buffer.from((await tokens)[1])],
    run: readAnyProof,
  },
  {
    ...tokenTarget('id-token-claims', 'what such tokens say, signed by the provider', 5, ['platform/doors/id-token.ts']),
    seeds: () => [Buffer.from(JSON.stringify(person))],
    run: readSignedInClaims,
  },
  {
    ...tokenTarget('proof-claims', 'what such proofs say, signed by their key', 1, ['platform/store/proof.ts']),
    seeds: () => [Buffer.from(JSON.stringify(claims))],
    run: readProofClaims,
  },
];
