import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { API_LIMITS } from '../../topology/limits.ts';
import type { Answered } from '../support/exchange.ts';
import { deviceKey } from '../support/memory-ca.ts';
import type { Credentials } from './gateway-fixture.ts';
import { ApiGateway, credentials, shapeOf } from './https-fixture.ts';

const DAY_PATH = '/v1/days/02a1b2c3d4e5f607/2026-01-15';
const QUEUE = '/v1/exceptions';
const EDITS = `${DAY_PATH}/edits`;
const JSON_TYPE = { 'content-type': 'application/json' };
const YEAR = 366 * 86_400_000;

let api: ApiGateway;
let ann: Credentials;
beforeEach(async () => {
  api = await ApiGateway.open();
  ann = await api.person('ann');
});
afterEach(() => api.close());

describe('who may call', () => {
  it('a person with a certificate of the utility reaches the handler as who he is', async () => {
    const { status, headers, text } = await api.send(`${QUEUE}?status=open&limit=5`, ann);
    expect([status, text]).toEqual([200, '{"ok":true}']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', etag: '"1-0123456789abcdef"' });
    expect(api.handled).toMatchObject([
      {
        resource: QUEUE,
        httpMethod: 'GET',
        queryStringParameters: { status: 'open', limit: '5' },
        requestContext: {
          requestId: headers['x-request-id'],
          authorizer: { principalId: 'ann', person: 'ann', role: 'operator' },
          identity: { clientCert: { subjectDN: 'CN=ann', issuerDN: 'CN=Joulekeep people-operator' } },
        },
      },
    ]);
  });

  it('T8.3-3: no answer is kept on the way, be it one or a refusal', async () => {
    const answers = [await api.send(QUEUE, ann), await api.send(QUEUE, undefined), await api.send('/nothing-here', ann)];
    expect(answers.map(({ status, headers }) => [status, headers['cache-control']])).toEqual([
      [200, 'no-store'],
      [401, 'no-store'],
      [404, 'no-store'],
    ]);
  });

  it('C10.2-1, D10: nobody else does, all get the same answer, and the log knows why', async () => {
    const strangers = await CertificateAuthority.open(join(api.directory, 'other-ca'), api.clock);
    const made = async (name: string, issue: (csr: Buffer) => Promise<Buffer>) => {
      const { privateKey, csr } = await deviceKey(name);
      return credentials(name, privateKey, await issue(csr));
    };
    const revoked = await api.person('rita');
    await api.people.revoke(revoked.fingerprint);
    const refused: [string, Credentials | undefined][] = [
      ['certificate-missing', undefined],
      ['wrong-issuer', await made('ann', (csr) => strangers.issueToPerson('ann', 'operator', csr))],
      ['wrong-issuer', await made('dc-1', (csr) => api.ca.issue('dc-1', 'concentrator', csr))],
      ['wrong-issuer', await made('ann', (csr) => api.ca.issue('ann', 'operator', csr))],
      ['unregistered', await made('ann', (csr) => api.ca.issueToPerson('ann', 'operator', csr))],
      ['revoked', revoked],
    ];
    const answers: Answered[] = [];
    for (const [reason, who] of refused) {
      const before = api.gateway.refused.get(reason) ?? 0;
      answers.push(await api.send(QUEUE, who));
      expect(api.gateway.refused.get(reason), reason).toBe(before + 1);
    }
    api.clock.advance(YEAR);
    answers.push(await api.send(QUEUE, ann));
    api.clock.advance(-3 * YEAR);
    answers.push(await api.send(QUEUE, ann));
    expect([...api.gateway.refused.keys()]).toEqual(expect.arrayContaining(['expired', 'not-yet-valid']));
    expect(new Set(answers.map((answer) => JSON.stringify(shapeOf(answer)))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json' } });
    expect(api.handled).toEqual([]);
  });

  it('a revoked certificate opens nothing on a connection that it opened before', async () => {
    const socket = await api.raw(ann);
    const said = api.said(socket);
    const get = `GET ${QUEUE} HTTP/1.1\r\nHost: x\r\n\r\n`;
    socket.write(get);
    await new Promise((resolve) => socket.once('data', resolve));
    await api.people.revoke(ann.fingerprint);
    socket.write(get);
    expect((await said).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
    expect(api.handled).toHaveLength(1);
  });

  it('an operator may not approve, a supervisor may; refusals look alike but for their status', async () => {
    const bob = await api.person('bob', 'supervisor');
    const approve = { method: 'POST', headers: JSON_TYPE, body: '{}' };
    const path = `${EDITS}/1/approve`;
    const forbidden = shapeOf(await api.send(path, ann, approve));
    const unauthenticated = shapeOf(await api.send(path, undefined, approve));
    const unknown = shapeOf(await api.send('/v1/nothing', ann));
    expect([forbidden.status, unauthenticated.status, unknown.status]).toEqual([403, 401, 404]);
    for (const { told } of [forbidden, unauthenticated, unknown]) expect(Object.keys(told).sort()).toEqual(['status', 'title', 'type']);
    expect((await api.send(path, bob, approve)).status).toBe(200);
  });
});

describe('what may be asked', () => {
  it.each([
    '/',
    '//v1/exceptions',
    '/v1/exceptions/',
    '/v1//exceptions',
    '/v1/./exceptions',
    '/v1/x/../exceptions',
    '/v1/%65xceptions',
    '/v1%2fexceptions',
    '/v1/exceptions%2f..%2fexceptions',
    '/v1/exceptions%00',
    '/v1/exceptions;a=b',
    '/V1/exceptions',
    '/v1/days/02a1b2c3d4e5f607/2026-01-15%2fedits',
    '/v1/days/02a1b2c3d4e5f607/..',
    '/v1/days/02a1b2c3d4e5f607/2026-01-15/edits/1/approve/',
    'https://127.0.0.1/v1/exceptions',
    '*',
    `/v1/exceptions/${'a'.repeat(200)}`,
  ])('the path %s is unknown', async (path) => {
    const answer = await api.send(path, ann);
    expect(shapeOf(answer).told.type).toBe('urn:joulekeep:problem:not-found');
    expect(api.handled).toEqual([]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])('the queue has no %s', async (method) => {
    expect((await api.send(QUEUE, ann, { method })).status).toBe(404);
    expect(api.handled).toEqual([]);
  });

  it.each([
    ['a type that is not JSON', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415],
    ['no type', { body: '{}' }, 415],
    ['a compressed body', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: '{}' }, 415],
    ['another character set', { headers: { 'content-type': 'application/json; charset=utf-16' }, body: '{}' }, 415],
    ['bytes that are no UTF-8', { headers: JSON_TYPE, body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400],
    ['a body that waits to be asked for', { headers: { ...JSON_TYPE, expect: '100-continue' }, body: '{}' }, 400],
  ])('refuses %s', async (_, sent, status) => {
    expect((await api.send(EDITS, ann, { method: 'POST', ...sent })).status).toBe(status);
    expect(api.handled).toEqual([]);
  });

  it('refuses a query that names a field twice, one that is too long, and a GET with a body', async () => {
    expect((await api.send(`${QUEUE}?limit=1&limit=2`, ann)).status).toBe(400);
    expect((await api.send(`${QUEUE}?cursor=${'a'.repeat(API_LIMITS.queryBytes)}`, ann)).status).toBe(400);
    expect((await api.send(QUEUE, ann, { headers: { ...JSON_TYPE, 'content-length': '2' }, body: '{}' })).status).toBe(400);
    expect(api.handled).toEqual([]);
  });

  it('lets a body of the limit through, byte for byte, and nothing longer, whether announced or not', async () => {
    const body = JSON.stringify('x'.repeat(API_LIMITS.bodyBytes - 2));
    const post = { method: 'POST', headers: JSON_TYPE };
    expect((await api.send(EDITS, ann, { ...post, body })).status).toBe(200);
    expect(api.handled[0]?.body).toBe(body);
    const chunked = { ...post, headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' } };
    for (const sent of [post, chunked]) {
      const outcome = await api.send(EDITS, ann, { ...sent, body: `${body} ` }).catch(() => ({ status: 413 }));
      expect(outcome.status).toBe(413);
    }
    expect(api.gateway.refused.get('body')).toBe(2);
    expect(api.handled).toHaveLength(1);
  });

  it('who may not call is answered before a byte of the body comes', async () => {
    const socket = await api.raw(undefined);
    const said = api.said(socket);
    socket.write(`POST ${EDITS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n`);
    expect(await said).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([
    ['headers that are too long', `GET ${QUEUE} HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(API_LIMITS.headerBytes)}\r\n\r\n`],
    ['two lengths', `POST ${EDITS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      'length and chunks, as for smuggling',
      `POST ${EDITS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a header folded over lines', `GET ${QUEUE} HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n X-B: 2\r\n\r\n`],
    ['a bare line feed in a header', `GET ${QUEUE} HTTP/1.1\r\nHost: x\r\nX-A: 1\nX-B: 2\r\n\r\n`],
    ['a null in a header', `GET ${QUEUE} HTTP/1.1\r\nHost: x\r\nX-A: \0\r\n\r\n`],
    ['a space before the colon', `GET ${QUEUE} HTTP/1.1\r\nHost : x\r\n\r\n`],
    ['no host', `GET ${QUEUE} HTTP/1.1\r\n\r\n`],
    ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n'],
  ])('ends a connection that sends %s', async (_, text) => {
    const socket = await api.raw(ann);
    const said = api.said(socket);
    socket.write(text);
    expect(await said).not.toMatch(/HTTP\/1\.1 2/);
    expect(api.handled).toEqual([]);
    expect((await api.send(QUEUE, ann)).status).toBe(200);
  });

  it('answers in its own words when a handler fails, and says nothing of why', async () => {
    api.answer = () => Promise.reject(new Error('secret of the handler'));
    const answer = await api.send(QUEUE, ann);
    expect(shapeOf(answer)).toMatchObject({ status: 500 });
    expect(answer.text + JSON.stringify(api.logged)).not.toContain('secret of the handler');
  });

  it('keeps what was sent out of its log', async () => {
    await api.send(`${QUEUE}?cause=needle-1`, ann);
    await api.send('/v1/needle-2', ann);
    await api.send(EDITS, ann, { method: 'POST', headers: { ...JSON_TYPE, 'x-a': 'needle-3' }, body: '{"note":"needle-4"}' });
    await api.send(EDITS, ann, { method: 'POST', headers: { 'content-type': 'needle-5' }, body: 'needle-6' });
    expect(JSON.stringify(api.logged)).not.toContain('needle');
  });
});
