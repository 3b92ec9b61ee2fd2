import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { compactDecrypt, compactVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentDecider } from '../../domain/consent/consent.ts';
import { changeRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { EXPORT_TYP, type ExportManifest } from '../../lambdas/third-party/bulk-export.ts';
import type { Credentials } from '../platform/gateway-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import type { Answered } from '../support/exchange.ts';
import { jsonOf, PartyWorld, type Tokens } from './party-world.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const WINDOW = { 'published-min': '2026-10-23T23:00:00.000Z', 'published-max': '2026-10-27T00:00:00.000Z' };
let world: PartyWorld;
let party: Credentials;
let tokens: Tokens;
beforeAll(async () => {
  world = await PartyWorld.open({ homes: true });
  party = await world.party('watt-advice');
  tokens = await world.tokens(party);
});
afterAll(() => world.close());

const idOf = ({ resourceURI }: Tokens) => resourceURI.split('/').at(-1)!;

async function register(key: KeyObject): Promise<void> {
  const spki = key.export({ type: 'spki', format: 'der' }).toString('base64');
  await changeRecipient(world.platform.as('enrol'), 'watt-advice', { type: 'SetSealingKey', spki, at: world.clock.now() });
}

function exported(borne = tokens, who = party): Promise<Answered> {
  const path = `/espi/1_1/resource/Batch/Bulk/${idOf(borne)}?${new URLSearchParams(WINDOW)}`;
  return world.call(path, who, { headers: { authorization: `Bearer ${borne.access_token}` } });
}

/** The text of a file, whether or not it came sealed. */
async function textOf(file: string): Promise<string> {
  return file.split('.').length === 5 ? Buffer.from((await compactDecrypt(file, pair.privateKey)).plaintext).toString() : file;
}

/** By a library of its own and the keys that the door tells. @throws for what isn't whole */
async function verified(text: string): Promise<ExportManifest> {
  const [head, ...lines] = text.trimEnd().split('\n') as [string, ...string[]];
  const { keys } = jsonOf(await world.call('/v1/keys', party)) as { keys: (JsonWebKey & { kid: string })[] };
  const { payload } = await compactVerify(head, ({ kid, typ }) => {
    const key = keys.find((one) => one.kid === kid);
    if (key === undefined || typ !== EXPORT_TYP) throw new Error('not a key of exports');
    return createPublicKey({ key, format: 'jwk' });
  });
  const manifest = JSON.parse(Buffer.from(payload).toString()) as ExportManifest;
  const hashes = lines.map((line) => createHash('sha256').update(line).digest('base64url'));
  if (JSON.stringify(hashes) !== JSON.stringify(manifest.lines)) throw new Error('the lines are not those that were signed');
  return manifest;
}

const told = (answered: Answered) => [answered.status, String(jsonOf(answered)['type']).replace('urn:joulekeep:problem:', '')];

describe('a subscription as one file, over the door', () => {
  it('without a registered key there is none', async () => {
    const other = await world.party('no-key');
    const theirs = await world.tokens(other);
    expect(told(await exported(theirs, other))).toEqual([409, 'sealing-key-missing']);
  });

  it('R9.3-1: is sealed to the key that the recipient registered: whoever carries it reads nothing', async () => {
    await register(pair.publicKey);
    const answered = await exported();
    expect([answered.status, answered.headers['content-type']]).toEqual([200, 'application/jose']);
    expect(answered.text.split('.')).toHaveLength(5);
    expect(answered.text).not.toMatch(/energy|series|usagePoint/);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expect(compactDecrypt(answered.text, other.privateKey)).rejects.toThrow();
    expect(await textOf(answered.text)).toMatch(/"energyWh":400/);
  });

  it('R9.3-1: is sealed to the newest key that the recipient registered: the key before opens nothing that is made from then on', async () => {
    const before = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await register(before.publicKey);
    expect((await compactDecrypt((await exported()).text, before.privateKey)).plaintext.length).toBeGreaterThan(0);
    await register(pair.publicKey);
    const { text } = await exported();
    await expect(compactDecrypt(text, before.privateKey)).rejects.toThrow();
    expect(await textOf(text)).toMatch(/"energyWh":400/);
  });

  it('R9.3-2: is whole by its signed manifest, and fails with a line less or another value', async () => {
    await register(pair.publicKey);
    const text = await textOf((await exported()).text);
    expect(await verified(text)).toMatchObject({ recipient: 'watt-advice', consentId: idOf(tokens), resolution: 'hour', rows: 73 });
    const lines = text.trimEnd().split('\n');
    await expect(verified(lines.slice(0, -1).join('\n'))).rejects.toThrow();
    await expect(verified(text.replace('"energyWh":400', '"energyWh":401'))).rejects.toThrow();
    await expect(verified(lines.slice(1).join('\n'))).rejects.toThrow();
  });

  it('J1, R9.3-4: after the customer took it back there is no file, and another subscription’s there never is', async () => {
    await register(pair.publicKey);
    const fresh = await world.tokens(party);
    expect((await exported(fresh)).status).toBe(200);
    const command = { type: 'RevokeConsent', by: 'customer', at: world.clock.now() } as const;
    await runDecider(world.platform.as('consent').events, `consent/${idOf(fresh)}`, consentDecider(defencesUnderTest()), command);
    expect(told(await exported(fresh))).toEqual([403, 'consent-revoked']);
    expect(told(await exported({ ...tokens, resourceURI: fresh.resourceURI }))).toEqual([403, 'consent-missing']);
  });

  it('a key that is not one on P-256 is refused', async () => {
    await expect(register(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)).rejects.toMatchObject({
      code: 'ERR_RECIPIENT_INVALID',
    });
  });
});
