import { describe, expect, it } from 'vitest';
import { type AskSite, type LiveFile, type LiveReport, verifyLive } from '../../bin/site/live.ts';
import { readySite } from '../../bin/site/ready.ts';
import type { Site } from '../../platform/embedded/https/site.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { altered, hashesOf, LIFE, type Release, release, SIGNED_AT, signed, signingKey } from './support/release.ts';

const key = signingKey();
const trust = {
  application: 'portal',
  keys: { [key.kid]: key.spki.toString('base64url') },
  verifyManifest: ALL_DEFENCES.applicationManifest,
};

/** Built files whose loader reads its settings as the real one does. */
function releaseOf(options: Parameters<typeof release>[1] = {}): Release {
  return release(key, options);
}

function siteOf({ files, manifest }: Release): Site {
  return readySite(files, manifest, ['https://localhost:9443']);
}

/** A server of the site, but for what a test puts in its place. */
function asking(site: Site, instead: (path: string, live: LiveFile) => LiveFile = (_path, live) => live): AskSite {
  return async (path) => {
    const file = site.get(path);
    const live =
      file === undefined ? { status: 404, headers: {}, body: Buffer.alloc(0) } : { status: 200, headers: file.headers, body: file.body };
    return instead(path, live);
  };
}

function wrong({ lines }: LiveReport): Record<string, readonly string[]> {
  return Object.fromEntries(lines.filter(({ findings }) => findings.length > 0).map(({ path, findings }) => [path, findings]));
}

describe('a live site', () => {
  const published = releaseOf({ version: 4 });
  const site = siteOf(published);

  it('is what was signed when every file, header and pin is', async () => {
    const report = await verifyLive(asking(site), trust, 4, SIGNED_AT);
    expect(wrong(report)).toEqual({});
    expect(report.version).toBe(4);
    expect(report.lines.map(({ path }) => path)).toEqual(['manifest.jws', ...published.files.keys(), '/']);
  });

  it('R9.2-5: says that its manifest was not renewed in time, and that it ended', async () => {
    const days = (left: number) => LIFE.validUntil - left * 86_400_000;
    expect(wrong(await verifyLive(asking(site), trust, 0, days(10)))).toEqual({});
    expect(wrong(await verifyLive(asking(site), trust, 0, days(9.5)))).toEqual({ 'manifest.jws': ['ends in 9 days and was not renewed'] });
    expect(wrong(await verifyLive(asking(site), trust, 0, days(0)))).toEqual({ 'manifest.jws': ['expired'] });
    expect((await verifyLive(asking(site), trust, 0, SIGNED_AT)).validUntil).toBe(LIFE.validUntil);
  });

  it('R9.2-5, I8: is not with one byte of any file changed, and the line of that file says so', async () => {
    for (const path of published.files.keys()) {
      const instead = (asked: string, live: LiveFile) => (asked === `/${path}` ? { ...live, body: altered(live.body) } : live);
      expect(wrong(await verifyLive(asking(site, instead), trust, 0, SIGNED_AT))[path]).toContain('file-altered');
    }
  });

  it('R9.2-5, I8: is not with another manifest: of another key or application, or behind what was seen', async () => {
    const refused = async (other: Release, atLeast = 0) => {
      const { version, lines } = await verifyLive(asking(siteOf(other)), trust, atLeast, SIGNED_AT);
      return [version, lines];
    };
    const line = (fault: string) => [undefined, [{ path: 'manifest.jws', findings: [fault] }]];
    expect(await refused(release(signingKey()))).toEqual(line('unknown-key'));
    expect(await refused(releaseOf({ application: 'console' }))).toEqual(line('another-application'));
    expect(await refused(published, 5)).toEqual(line('older-version'));
  });

  it('is not when a file is missing, or the page under / is another', async () => {
    const gone = (path: string, live: LiveFile) => (path === '/config.json' ? { ...live, status: 404 } : live);
    expect(wrong(await verifyLive(asking(site, gone), trust, 0, SIGNED_AT))['config.json']).toContain('status 404');
    const page = '<head><script src="https://evil.example/x.js"></script></head>';
    const another = (path: string, live: LiveFile) => (path === '/' ? { ...live, body: Buffer.from(page) } : live);
    expect(wrong(await verifyLive(asking(site, another), trust, 0, SIGNED_AT))['/']).toEqual([
      'is not index.html',
      'does not name the loader by its hash',
    ]);
  });

  it('is not under weaker headers, word for word', async () => {
    const weaker = (path: string, live: LiveFile) => {
      const { 'integrity-policy': _, ...headers } = live.headers;
      return path === '/' ? { ...live, headers: { ...headers, 'content-security-policy': "script-src 'self' 'unsafe-inline'" } } : live;
    };
    expect(wrong(await verifyLive(asking(site, weaker), trust, 0, SIGNED_AT))).toEqual({
      '/': ['another content-security-policy', 'no integrity-policy'],
    });
  });

  it('R9.2-5: is not where the right bytes come with a way elsewhere, or with a word to forget what was seen', async () => {
    const moved = (path: string, live: LiveFile) => (path === '/' ? { ...live, status: 302 } : live);
    expect(wrong(await verifyLive(asking(site, moved), trust, 0, SIGNED_AT))).toEqual({ '/': ['status 302'] });
    for (const [name, value] of [
      ['refresh', '0;url=https://evil.example'],
      ['clear-site-data', '"storage"'],
      ['link', '</assets/evil.css>; rel=stylesheet'],
      ['service-worker-allowed', '/'],
    ] as const) {
      const more = (path: string, live: LiveFile) => (path === '/' ? { ...live, headers: { ...live.headers, [name]: value } } : live);
      expect(wrong(await verifyLive(asking(site, more), trust, 0, SIGNED_AT))).toEqual({ '/': [`has ${name}`] });
    }
  });

  it('is not with a loader that trusts another key or verifies nothing, even if its signer signed it', async () => {
    const other = signingKey();
    const text = (settings: unknown) => `start(JSON.parse(atob('${Buffer.from(JSON.stringify(settings)).toString('base64')}')));`;
    const settings = {
      application: 'console',
      keys: { [other.kid]: other.spki.toString('base64url') },
      verifyManifest: true,
      verifyFiles: false,
    };
    const files = new Map(published.files).set('loader.js', Buffer.from(text(settings))).set('sw.js', Buffer.from('keep()'));
    const payload = { application: 'portal', version: 4, minVersion: 0, ...LIFE, files: hashesOf(files) };
    const report = await verifyLive(asking(siteOf({ ...published, files, manifest: signed(key, payload) })), trust, 0, SIGNED_AT);
    expect(wrong(report)).toEqual({
      '/': ['does not name the loader by its hash'],
      'loader.js': ['pins another key', 'pins another application', 'does not verify'],
      'sw.js': ['pins nothing'],
    });
  });
});
