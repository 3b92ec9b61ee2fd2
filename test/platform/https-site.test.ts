import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readySite } from '../../bin/site/ready.ts';
import { SITE_RATE } from '../../platform/embedded/https/site.ts';
import { release, signingKey } from '../application/support/release.ts';
import { ApiGateway } from './https-fixture.ts';

const published = release(signingKey(), { script: `globalThis.ran = true; // ${'long '.repeat(500)}` });
const site = readySite(published.files, published.manifest, ['https://localhost:9443']);
const SCRIPT = '/assets/index-1.js';

describe('a door that shows a site', () => {
  let api: ApiGateway;

  beforeEach(async () => {
    api = await ApiGateway.open({ site });
  });

  afterEach(async () => {
    await api.close();
  });

  it('shows every file to whoever asks, with no certificate, and the page under /', async () => {
    for (const [path, { body }] of site) {
      const answered = await api.send(path, undefined);
      expect([path, answered.status, answered.text]).toEqual([path, 200, body.toString('utf8')]);
    }
    expect((await api.send('/?code=a&state=b', undefined)).text).toBe(published.files.get('index.html')!.toString('utf8'));
    expect(api.handled).toEqual([]);
  });

  it('lets a page run scripts of its own with a hash, and talk to its own API and to where people sign in, and nothing else', async () => {
    const { headers } = await api.send('/', undefined);
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'none'",
      "connect-src 'self' https://localhost:9443",
      "manifest-src 'self'",
      "worker-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types joulekeep',
    ]);
    expect(headers).toMatchObject({
      'integrity-policy': 'blocked-destinations=(script)',
      'strict-transport-security': 'max-age=63072000',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringMatching(/camera=\(\).*geolocation=\(\).*microphone=\(\)/),
      'referrer-policy': 'no-referrer',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  it('lets browsers keep what has its hash in its name, and ask again for the rest', async () => {
    expect((await api.send(SCRIPT, undefined)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/manifest.jws', '/config.json', '/loader.js', '/sw.js'])
      expect([path, (await api.send(path, undefined)).headers['cache-control']]).toEqual([path, 'no-cache']);
  });

  it('sends what was asked for already as 304, by the encoding it was sent in', async () => {
    const { headers } = await api.send(SCRIPT, undefined);
    const again = await api.send(SCRIPT, undefined, { headers: { 'if-none-match': `"x", W/${headers['etag']}` } });
    expect([again.status, again.text]).toEqual([304, '']);
    const other = await api.send(SCRIPT, undefined, { headers: { 'if-none-match': String(headers['etag']), 'accept-encoding': 'br' } });
    expect(other.status).toBe(200);
  });

  it('sends it compressed to who takes that', async () => {
    const { body } = site.get(SCRIPT)!;
    const [brotli, gzip] = site.get(SCRIPT)!.encoded;
    expect(brotliDecompressSync(brotli!.body)).toEqual(body);
    expect(gunzipSync(gzip!.body)).toEqual(body);
    const codingOf = async (accepted: string) => {
      const { headers } = await api.send(SCRIPT, undefined, { method: 'HEAD', headers: { 'accept-encoding': accepted } });
      return [headers['content-encoding'], headers['content-length'], headers['vary']];
    };
    expect(await codingOf('gzip, deflate, br')).toEqual(['br', String(brotli!.body.length), 'accept-encoding']);
    expect(await codingOf('gzip, br;q=0')).toEqual(['gzip', String(gzip!.body.length), 'accept-encoding']);
    expect(await codingOf('identity')).toEqual([undefined, String(body.length), 'accept-encoding']);
  });

  it('refuses like any other door: no such path, another method, a body', async () => {
    expect((await api.send('/assets/other.js', undefined)).status).toBe(404);
    expect((await api.send('/assets/../index.html', undefined)).status).toBe(404);
    expect((await api.send('/', undefined, { method: 'POST', body: 'x' })).status).toBe(404);
    const refused = await api.send('/', undefined, { headers: { 'content-length': '1' }, body: 'x' });
    expect([refused.status, refused.headers['content-type']]).toEqual([400, 'application/problem+json']);
  });

  it('T8.3-2: tells an address that asks too much to wait', async () => {
    const statuses: number[] = [];
    for (let n = 0; n <= SITE_RATE.burst; n++) statuses.push((await api.send('/config.json', undefined)).status);
    expect(statuses.filter((status) => status !== 200)).toEqual([429]);
  });
});

describe('a door without a site', () => {
  it('has no page', async () => {
    const api = await ApiGateway.open();
    expect((await api.send('/', undefined)).status).toBe(404);
    await api.close();
  });
});
