import { gunzipSync } from 'node:zlib';
import type { ALBEvent, ALBResult } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeSiteDoor, siteEnvironment } from '../../../platform/aws/doors/site-door.ts';
import { webHeadersOf } from '../../../topology/web-headers.ts';

const CONNECT = ['https://cognito-idp.eu-central-1.amazonaws.com', 'https://sign-in.example.org'];
const PAGE = `<!doctype html>${' '.repeat(2_000)}`;

let objects: Map<string, { readonly etag: string; readonly body: Buffer }>;
let asked: { readonly Bucket?: string; readonly Key?: string; readonly IfNoneMatch?: string }[];
let handle: (event: ALBEvent) => Promise<ALBResult>;

/** The few words of S3 that a site needs. */
const client = {
  async send({ input }: { readonly input: (typeof asked)[number] }) {
    asked.push(input);
    const found = objects.get(input.Key ?? '');
    if (found === undefined) throw Object.assign(new Error('no such key'), { name: 'NoSuchKey' });
    if (input.IfNoneMatch === found.etag)
      throw Object.assign(new Error('not modified'), { name: '304', $metadata: { httpStatusCode: 304 } });
    return { ETag: found.etag, Body: { transformToByteArray: async () => found.body } };
  },
};

beforeEach(() => {
  objects = new Map([
    ['index.html', { etag: '"1"', body: Buffer.from(PAGE) }],
    ['assets/app-1.js', { etag: '"2"', body: Buffer.from('run()') }],
    ['secret', { etag: '"3"', body: Buffer.from('no ending') }],
  ]);
  asked = [];
  handle = makeSiteDoor({ client: client as never, bucket: 'site', connect: CONNECT });
});

async function get(path: string, headers: Readonly<Record<string, string[]>> = {}, method = 'GET') {
  const answered = await handle({ path, httpMethod: method, multiValueHeaders: { ...headers }, body: '' } as unknown as ALBEvent);
  const own = Object.entries(answered.multiValueHeaders ?? {}).map(([name, values]) => [name, String(values?.[0])] as const);
  return { status: answered.statusCode, headers: Object.fromEntries(own), body: Buffer.from(answered.body ?? '', 'base64') };
}

describe('the console’s files behind their door on AWS', () => {
  it('R9.2-4: are what the bucket has, with the headers of topology/web-headers.ts', async () => {
    for (const [path, key] of [
      ['/', 'index.html'],
      ['/index.html', 'index.html'],
      ['/assets/app-1.js', 'assets/app-1.js'],
    ] as const) {
      const { status, headers, body } = await get(path);
      expect([status, body.equals(objects.get(key)!.body)]).toEqual([200, true]);
      expect(headers).toMatchObject(webHeadersOf(key, CONNECT));
      expect(headers['etag']).toBe(objects.get(key)!.etag);
    }
    expect(asked.every(({ Bucket }) => Bucket === 'site')).toBe(true);
  });

  it('are sent compressed to whoever takes it, and not again to whoever has them', async () => {
    const zipped = await get('/', { 'accept-encoding': ['gzip, br'] });
    expect([zipped.headers['content-encoding'], gunzipSync(zipped.body).toString()]).toEqual(['gzip', PAGE]);
    expect((await get('/', { 'accept-encoding': ['gzip;q=0'] })).headers['content-encoding']).toBeUndefined();
    const tag = String(zipped.headers['etag']);
    expect(tag).not.toBe('"1"');
    const again = await get('/', { 'accept-encoding': ['gzip'], 'if-none-match': [`W/${tag}`] });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const head = await get('/', {}, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it('R9.2-4: are asked for each time, so that what was published is shown at once', async () => {
    await get('/');
    await get('/');
    expect(asked.map(({ IfNoneMatch }) => IfNoneMatch)).toEqual([undefined, '"1"']);
    objects.set('index.html', { etag: '"9"', body: Buffer.from('newer') });
    expect((await get('/')).body.toString()).toBe('newer');
  });

  it.each([
    '/../secret',
    '/secret',
    '/%2e%2e/x.js',
    '/a/b/c.js',
    '//index.html',
    '/.hidden.js',
    '/none.js',
    '/assets/',
    '/index.html%00.js',
  ])('there is nothing at %s', async (path) => {
    const { status, headers } = await get(path);
    expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
    expect(asked.filter(({ Key }) => Key !== 'none.js')).toEqual([]);
  });

  it('nobody writes there', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await get('/', {}, method)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('the function says which setting it lacks', () => {
    expect(() => siteEnvironment({})).toThrow(/JOULEKEEP_SITE_BUCKET/);
    expect(siteEnvironment({ JOULEKEEP_SITE_BUCKET: 'site', JOULEKEEP_SITE_CONNECT: CONNECT.join(' ') })).toMatchObject({
      bucket: 'site',
      connect: CONNECT,
    });
  });
});
