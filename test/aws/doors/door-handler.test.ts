import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../../api/problems.ts';
import { CertificateAuthority } from '../../../platform/embedded/gateway/ca.ts';
import { CALLERS } from '../../../topology/callers.ts';
import { API_LIMITS } from '../../../topology/limits.ts';
import { type Forgery, forgedLeaf } from '../../support/forged-leaf.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { lambdaContext } from '../../support/sqs.ts';
import { DoorWorld, leafHeader, shapeOf, told } from './door-fixture.ts';

const LIST = '/v1/exceptions';
const PREVIEW = '/v1/days/00124b000000abcd/2026-01-15/preview';
const JSON_BODY = { 'content-type': ['application/json'] };

const directory = mkdtempSync(join(tmpdir(), 'joulekeep-doors-'));
let ca: CertificateAuthority;
let door: DoorWorld;
beforeAll(async () => {
  ca = await CertificateAuthority.open(join(directory, 'ca'), { now: () => Date.now() });
});
beforeEach(async () => {
  door = await DoorWorld.open(ca);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('a request at a door', () => {
  it('T8.3-3: of a person with a certificate and an entry reaches the handler as who he is', async () => {
    const ann = await door.caller('ann');
    const headers = { accept: ['application/json', 'text/plain'], 'x-made-up': ['1'], 'x-forwarded-for': ['6.6.6.6, 10.20.0.9'] };
    const answered = await door.send(LIST, ann, { query: { state: ['open'], after: ['a%20b+c'] }, headers });
    expect(answered).toMatchObject({ status: 200, text: '{"ok":true}', headers: { etag: ['"1-0123456789abcdef"'] } });
    expect(answered.headers).toMatchObject({ 'cache-control': ['no-store'], 'x-content-type-options': ['nosniff'] });
    expect(door.handled).toHaveLength(1);
    expect(door.handled[0]).toMatchObject({
      resource: LIST,
      path: LIST,
      httpMethod: 'GET',
      headers: { accept: 'application/json, text/plain' },
      queryStringParameters: { state: 'open', after: 'a b c' },
      body: '',
      isBase64Encoded: false,
      requestContext: {
        authorizer: { person: 'ann', role: 'operator' },
        identity: { sourceIp: '10.20.0.9', clientCert: { subjectDN: 'CN=ann' } },
      },
    });
    expect(Object.keys(door.handled[0]!.headers)).toEqual(['accept']);
  });

  it('has its parameters from the path and its body as text, however it was written down', async () => {
    const ann = await door.caller('ann');
    const text = '{"reason":"größer"}';
    for (const body of [text, Buffer.from(text)])
      expect((await door.send(PREVIEW, ann, { method: 'POST', headers: JSON_BODY, body })).status).toBe(200);
    for (const event of door.handled)
      expect(event).toMatchObject({
        pathParameters: { meterId: '00124b000000abcd', day: '2026-01-15' },
        body: text,
        isBase64Encoded: false,
      });
  });

  it('is answered in our own words when the handler fails, and not told why', async () => {
    const ann = await door.caller('ann');
    door.answer = async () => {
      throw new Error('the key of home 17');
    };
    const answered = await door.send(LIST, ann);
    expect(answered.status).toBe(500);
    expect(Problem.parse(JSON.parse(answered.text)).title).toBe('Something went wrong here');
    expect(answered.text + JSON.stringify(door.logged)).not.toContain('home 17');
  });

  it('T8.1-4: comes as often as its route says, each caller apart', async () => {
    const [ann, bob] = [await door.caller('ann'), await door.caller('bob')];
    const answers = [];
    for (let i = 0; i < 41; i++) answers.push(await door.send(LIST, ann));
    expect(answers.slice(0, 40).map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    expect(answers[40]).toMatchObject({ status: 429, headers: { 'retry-after': ['1'] } });
    expect((await door.send(LIST, bob)).status).toBe(200);
  });
});

describe('who may come in', () => {
  it('C10.3-1, C10.4-1: nobody without a certificate that the load balancer vouches for, and all get one answer', async () => {
    const ann = await door.caller('ann');
    const leaf = leafHeader(ann);
    const header = 'x-amzn-mtls-clientcert-leaf';
    const refusals = [
      await door.send(LIST, undefined),
      await door.send(LIST, ''),
      await door.send(LIST, undefined, { headers: { [header]: [leaf, leaf] } }),
      await door.send(LIST, undefined, {
        headers: { [header]: [leaf], 'X-Amzn-Mtls-Clientcert-Leaf': [leafHeader(await door.caller('eve'))] },
      }),
      await door.send(LIST, `${leaf}${leaf}`),
      await door.send(LIST, `${leaf}, ${leaf}`),
      await door.send(LIST, decodeURIComponent(leaf)),
      await door.send(LIST, leaf.replace('%0A', '')),
      await door.send(LIST, '%E0%A4%A'),
      await door.send(LIST, leaf.slice(0, 200)),
      await door.send(LIST, leaf.padEnd(9_000, '%0A')),
      await door.send(LIST, leafHeader(Buffer.concat([ann, Buffer.alloc(3)]))),
      await door.send(LIST, leafHeader(Buffer.from('no certificate'))),
      // By which the client itself would say who it is.
      await door.send(LIST, undefined, { headers: { 'x-amzn-mtls-clientcert-subject': ['CN=ann'], 'x-amzn-mtls-clientcert': [leaf] } }),
    ];
    const readable = refusals.splice(6, 1);
    expect(readable[0]!.status).toBe(200);
    for (const refusal of refusals) expect(shapeOf(refusal)).toEqual(shapeOf(refusals[0]!));
    expect(refusals[0]!.status).toBe(401);
    expect(new Set(door.logged.map(({ fields }) => fields?.reason))).toEqual(
      new Set(['certificate-missing', 'certificate-ambiguous', 'certificate-unreadable']),
    );
    expect(door.handled).toHaveLength(1);
  });

  it.each<[string, (world: DoorWorld) => Promise<Buffer>, string]>([
    ['of a CA that signs for another door', (world) => world.caller('ems', 'grid-operator'), 'wrong-issuer'],
    ['of a CA that signs for customers', (world) => world.caller('display', 'customer-device'), 'wrong-issuer'],
    ['that nobody wrote down', (world) => world.certificate('ann'), 'unregistered'],
    ['written down for another role than its CA', (world) => entered(world, { role: 'supervisor' }), 'unregistered'],
    ['written down under another name', (world) => entered(world, { name: 'bob' }), 'unregistered'],
    ['written down with more than an entry has', (world) => entered(world, { admin: true }), 'unregistered'],
    ['whose entry has no status we know', (world) => entered(world, { status: 'trusted' }), 'unregistered'],
    ['whose entry is none', (world) => entered(world, 'ann'), 'unregistered'],
    ['that was revoked in the registry', (world) => entered(world, { status: 'revoked' }), 'revoked'],
    ['of the CA itself', async (world) => world.ca.issuerOfPeople('operator').raw, 'wrong-issuer'],
    ['for server authentication', (world) => forged(world, { usage: '1.3.6.1.5.5.7.3.1' }), 'wrong-use'],
    ['that may sign others', (world) => forged(world, { ca: true }), 'leaf-is-ca'],
    ['of a device', async (world) => world.ca.issue('dc-1', 'concentrator', (await deviceKey('dc-1')).csr), 'wrong-issuer'],
  ])('C10.2-1, C10.3-1, C10.4-1: no certificate %s', async (_, certificate, reason) => {
    const refused = await door.send(LIST, await certificate(door));
    expect(shapeOf(refused)).toEqual(shapeOf(await door.send(LIST, undefined)));
    expect(door.logged[0]?.fields?.reason).toBe(reason);
    expect(door.handled).toEqual([]);
  });

  it('C10.2-1, C10.4-1: no certificate that ended or is not yet valid, and from the moment of its revocation none that was', async () => {
    const ann = await door.caller('ann');
    expect((await door.send(LIST, ann)).status).toBe(200);
    await door.register(ann, { name: 'ann', role: 'operator', status: 'revoked' });
    expect([(await door.send(LIST, ann)).status, door.reason]).toEqual([401, 'revoked']);
    await door.register(ann, { name: 'ann', role: 'operator', status: 'active' });
    door.clock.advance(-2 * 86_400_000);
    expect([(await door.send(LIST, ann)).status, door.reason]).toEqual([401, 'not-yet-valid']);
    door.clock.advance(30 * 365 * 86_400_000);
    expect([(await door.send(LIST, ann)).status, door.reason]).toEqual([401, 'expired']);
  });

  it('C10.4-1: nobody while the registry names no CA', async () => {
    const ann = await door.caller('ann');
    await door.world.directory.put([{ key: `${CALLERS.issuerPrefix}operator`, value: Buffer.from('gone') }]);
    expect([(await door.send(LIST, ann)).status, door.reason]).toEqual([401, 'wrong-issuer']);
  });

  it('an operator may not finalize, a supervisor may; a refusal is told apart by its status alone', async () => {
    const path = '/v1/days/00124b000000abcd/2026-01-15/finalize';
    const asked = { method: 'POST', headers: JSON_BODY, body: '{}' };
    const [low, high] = [await door.caller('ann'), await door.caller('sue', 'supervisor')];
    expect([(await door.send(path, low, asked)).status, door.reason]).toEqual([403, 'wrong-role']);
    expect((await door.send(path, high, asked)).status).toBe(200);
  });
});

describe('what may be asked', () => {
  it.each([
    ['another door', 'dev-operator-26212'],
    ['another stage', 'prod-console-26212'],
    ['no door', 'dev-console-up'],
    ['something beside a door', 'dev-console-26212-x'],
    ['the door of customers', 'dev-customer-26212'],
  ])('R9.3-1, R9.4-3: at %s there is nothing of this, whoever asks', async (_, at) => {
    const answered = await door.send(LIST, await door.caller('ann'), { door: at });
    expect(shapeOf(answered)).toEqual(shapeOf(await door.send('/v1/nothing', await door.caller('bob'))));
    expect(answered.status).toBe(404);
  });

  it('of another function is nothing', async () => {
    const other = await DoorWorld.open(ca, 'operator-api');
    expect((await other.send(LIST, await other.caller('ann'))).status).toBe(404);
  });

  it.each([
    '/v1/exceptions/',
    '/v1//exceptions',
    '/v1/%65xceptions',
    '/V1/exceptions',
    'v1/exceptions',
    '/v1/exceptions/..',
    '/v1/exceptions;a=1',
    '',
  ])('a path has one spelling: %j is none', async (path) => {
    expect((await door.send(path, await door.caller('ann'))).status).toBe(404);
  });

  it.each<[string, Parameters<DoorWorld['send']>[2] & object, number]>([
    ['a query that names a field twice', { query: { state: ['open', 'closed'] } }, 400],
    ['a query that names it twice in two spellings', { query: { state: ['open'], '%73tate': ['closed'] } }, 400],
    ['a query that is too long', { query: { state: ['a'.repeat(API_LIMITS.queryBytes)] } }, 400],
    ['a GET with a body', { body: '{}' }, 400],
    ['a GET that announces a body', { headers: { 'content-length': ['2'] } }, 400],
    ['a header that comes twice', { headers: { 'if-match': ['"a"', '"b"'] } }, 400],
    ['more headers than may be', { headers: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-${i}`, ['1']])) }, 400],
    ['headers that are too long', { headers: { cookie: ['a'.repeat(API_LIMITS.headerBytes)] } }, 400],
  ])('refuses %s', async (_, asked, status) => {
    expect((await door.send(LIST, await door.caller('ann'), asked)).status).toBe(status);
    expect(door.handled).toEqual([]);
  });

  it.each<[string, Parameters<DoorWorld['send']>[2] & object, number]>([
    ['a body that is too long', { headers: JSON_BODY, body: 'a'.repeat(API_LIMITS.bodyBytes + 1) }, 413],
    ['one that is too long in bytes alone', { headers: JSON_BODY, body: 'ä'.repeat(API_LIMITS.bodyBytes / 2 + 1) }, 413],
    ['one that is too long in base64', { headers: JSON_BODY, body: Buffer.alloc(API_LIMITS.bodyBytes + 1, 97) }, 413],
    ['one that announces too much', { headers: { ...JSON_BODY, 'content-length': ['65537'] }, body: '{}' }, 413],
    ['one that is no UTF-8', { headers: JSON_BODY, body: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }, 400],
    ['one of another type', { headers: { 'content-type': ['text/plain'] }, body: '{}' }, 415],
    ['one of no type', { body: '{}' }, 415],
    ['one that is packed', { headers: { ...JSON_BODY, 'content-encoding': ['gzip'] }, body: Buffer.from('{}') }, 415],
    ['one with two types', { headers: { 'content-type': ['application/json', 'text/plain'] }, body: '{}' }, 400],
  ])('refuses %s', async (_, asked, status) => {
    expect((await door.send(PREVIEW, await door.caller('ann'), { method: 'POST', ...asked })).status).toBe(status);
    expect(door.handled).toEqual([]);
  });

  it('refuses a body that is not the base64 it says to be', async () => {
    const ann = await door.caller('ann');
    for (const body of ['e30', 'e3 0=', 'e30=e30=', '{}']) {
      const event = { ...door.event(PREVIEW, ann, { method: 'POST', headers: JSON_BODY }), body, isBase64Encoded: true };
      expect([body, told(await door.handle(event, lambdaContext('edit'))).status]).toEqual([body, 400]);
    }
  });

  it('lets a body of the limit through, byte for byte', async () => {
    const body = `"${'a'.repeat(API_LIMITS.bodyBytes - 2)}"`;
    expect((await door.send(PREVIEW, await door.caller('ann'), { method: 'POST', headers: JSON_BODY, body })).status).toBe(200);
    expect(door.handled[0]?.body).toBe(body);
  });

  it('is looked at only when it is known who asks', async () => {
    const asked = { method: 'POST', headers: JSON_BODY, body: 'a'.repeat(API_LIMITS.bodyBytes + 1) };
    expect([(await door.send(PREVIEW, undefined, asked)).status, door.reason]).toEqual([401, 'certificate-missing']);
  });

  it('keeps what was sent out of the log', async () => {
    const ann = await door.caller('ann');
    await door.send('/v1/secret-path', ann, { query: { secret: ['query'] }, headers: { cookie: ['secret'] } });
    await door.send(LIST, ann, { body: 'secret' });
    expect(door.logged).toHaveLength(2);
    expect(JSON.stringify(door.logged)).not.toContain('secret');
  });

  it('reads a request whose headers and fields came once each', async () => {
    const { multiValueHeaders, multiValueQueryStringParameters: _, ...event } = door.event(LIST, await door.caller('ann'));
    const headers = Object.fromEntries(Object.entries(multiValueHeaders!).map(([name, values]) => [name, values![0]!]));
    const answered = await door.handle({ ...event, headers, queryStringParameters: { state: 'open' } }, lambdaContext('edit'));
    expect(answered.statusCode).toBe(200);
    expect(door.handled[0]?.queryStringParameters).toEqual({ state: 'open' });
  });
});

/** Signed by the CA of operators and written down, so that nothing but what it says of itself can be held against it. */
async function forged(world: DoorWorld, forgery: Forgery): Promise<Buffer> {
  const { der } = await forgedLeaf(join(directory, 'ca'), 'people-operator', 'ann', forgery);
  await world.register(der, { name: 'ann', role: 'operator', status: 'active' });
  return der;
}

async function entered(world: DoorWorld, entry: object | string): Promise<Buffer> {
  const der = await world.certificate('ann');
  await world.register(der, typeof entry === 'string' ? entry : { name: 'ann', role: 'operator', status: 'active', ...entry });
  return der;
}
