import { describe, expect, it } from 'vitest';
import { assembleSite, hashOf } from '../../bin/site/assemble.ts';
import { readBuilt } from '../../bin/site/built.ts';
import { applicationKeys, signSite } from '../../bin/site/sign.ts';
import { configOf } from '../../bin/site/sites.ts';
import { filesFault, MOST_LIFE_MS, NOTHING_SEEN } from '../../protocol/application/manifest.ts';
import { verifyApplication } from '../../protocol/application/verify.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { MemoryKms } from '../support/memory-kms.ts';
import { MemoryObjects } from '../support/memory-objects.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { builtSite, ENDPOINTS, settingsIn } from './support/release.ts';

const config = configOf('portal', ENDPOINTS, 'AA');
const keys = { 'a-kid': 'AAAA' };
const parts = { built: builtSite(), config, keys, defences: ALL_DEFENCES };

function publisher(kms = new MemoryKms()) {
  const clock = new ManualClock(1_700_000_000_000);
  return { wall: clock, objects: new MemoryObjects(clock), kms: kms.as('publisher') };
}

function payloadOf(compact: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(compact.split('.')[1]!, 'base64url').toString('utf8')) as Record<string, unknown>;
}

describe('a site that is assembled', () => {
  const files = assembleSite(parts);

  it('has a page that loads the loader by its hash, and nothing else', () => {
    const html = files.get('index.html')!.toString('utf8');
    const tags = html.match(/<(?:script|link|style)\b[^>]*>/g);
    expect(tags).toEqual([`<script type="module" crossorigin src="/loader.js" integrity="${hashOf(files.get('loader.js')!)}">`]);
    expect(html).toContain('<div id="app"></div>');
  });

  it('has a loader and a service worker that know application, keys and switches, and what is sent with kept files', () => {
    for (const name of ['loader.js', 'sw.js']) {
      expect(settingsIn(files, name)).toMatchObject({ application: 'portal', keys, verifyManifest: true, verifyFiles: true });
      expect(settingsIn(files, name)).toHaveProperty(['headers', 'content-security-policy']);
    }
  });

  it('tells the application where people sign in', () => {
    expect(JSON.parse(files.get('config.json')!.toString('utf8'))).toEqual({
      application: 'portal',
      clientId: 'portal',
      priceKeysRoot: 'AA',
      ...ENDPOINTS,
    });
  });

  it('is the same to the byte when it is assembled again', () => {
    expect([...assembleSite(parts)]).toEqual([...files]);
  });

  it.each([
    ['two scripts', ['assets/more.js', 'x']],
    ['a file no browser needs', ['assets/index-1.js.map', '{}']],
    ['an inline script', ['index.html', '<head></head><script>run()</script>']],
    ['an inline style', ['index.html', '<head></head><p style="color: red"></p>']],
    ['a handler in its page', ['index.html', '<head></head><p onclick="run()"></p>']],
    ['a page without a head', ['index.html', '<p></p>']],
    ['a loader that was not built for settings', ['loader.js', 'start();']],
    ['a worker with two places for settings', ['sw.js', "'%LOADER_SETTINGS%' + '%LOADER_SETTINGS%'"]],
    ['a manifest before it is signed', ['manifest.jws', 'x']],
  ])('is refused with %s', (_what, [path, text]) => {
    const built = new Map(builtSite()).set(path!, Buffer.from(text!));
    expect(() => assembleSite({ ...parts, built })).toThrow(expect.objectContaining({ code: 'ERR_SITE_UNFIT' }));
  });

  it('says what to do when nothing is built', () => {
    expect(() => readBuilt('portal', '/nowhere')).toThrow('portal is not built: npm run build:web');
  });
});

describe('a site that is signed', () => {
  it('has a manifest of all its files, which the pinned key verifies', async () => {
    const owner = publisher();
    const trust = { application: 'portal', keys: await applicationKeys(owner), verifyManifest: true };
    const files = assembleSite({ ...parts, keys: trust.keys });
    const verdict = await verifyApplication(await signSite(owner, 'portal', files), trust, NOTHING_SEEN, 1_700_000_000_000);
    if (!('manifest' in verdict)) throw new Error(verdict.fault);
    expect(verdict.manifest).toMatchObject({ version: 1, minVersion: 0, issuedAt: 1_700_000_000_000 });
    expect(await filesFault(verdict.manifest, files)).toBeUndefined();
  });

  it('keeps manifest and version while nothing changes, and rises by one when something does', async () => {
    const owner = publisher();
    const first = await signSite(owner, 'portal', assembleSite(parts));
    expect(await signSite(owner, 'portal', assembleSite(parts))).toBe(first);
    const changed = assembleSite({ ...parts, built: builtSite('other()') });
    expect(payloadOf(await signSite(owner, 'portal', changed))).toMatchObject({ version: 2 });
    expect(payloadOf(await signSite(owner, 'portal', assembleSite(parts)))).toMatchObject({ version: 3 });
    expect(payloadOf(await signSite(owner, 'console', assembleSite(parts)))).toMatchObject({ version: 1 });
  });

  it('R9.2-5: is signed anew, as the next version, when half its life is over, and not before', async () => {
    const owner = publisher();
    const first = await signSite(owner, 'portal', assembleSite(parts));
    const { validUntil } = payloadOf(first) as { validUntil: number };
    owner.wall.set(validUntil - MOST_LIFE_MS / 2 - 1);
    expect(await signSite(owner, 'portal', assembleSite(parts))).toBe(first);
    owner.wall.set(validUntil - MOST_LIFE_MS / 2);
    const renewed = payloadOf(await signSite(owner, 'portal', assembleSite(parts)));
    expect(renewed).toMatchObject({ version: 2, validUntil: owner.wall.now() + MOST_LIFE_MS });
  });

  it('is signed anew when its key was replaced', async () => {
    const owner = publisher();
    await signSite(owner, 'portal', assembleSite(parts));
    const renewed = { ...owner, kms: new MemoryKms().as('publisher') };
    const compact = await signSite(renewed, 'portal', assembleSite(parts));
    const trust = { application: 'portal', keys: await applicationKeys(renewed), verifyManifest: true };
    expect(await verifyApplication(compact, trust, NOTHING_SEEN, 1_700_000_000_000)).toMatchObject({ manifest: { version: 2 } });
  });

  it('has a lowest version that rises when told, stays, and never falls or passes its own', async () => {
    const owner = publisher();
    const files = assembleSite(parts);
    await signSite(owner, 'portal', files);
    expect(payloadOf(await signSite(owner, 'portal', files, 2))).toMatchObject({ version: 2, minVersion: 2 });
    expect(payloadOf(await signSite(owner, 'portal', files))).toMatchObject({ version: 2, minVersion: 2 });
    const code = { code: 'ERR_SITE_VERSION' };
    await expect(signSite(owner, 'portal', files, 1)).rejects.toMatchObject(code);
    await expect(signSite(owner, 'portal', files, 4)).rejects.toMatchObject(code);
  });

  it('is signed by who publishes and by no function', async () => {
    const kms = new MemoryKms();
    const owner = { ...publisher(kms), kms: kms.as('editing') };
    await expect(signSite(owner, 'portal', assembleSite(parts))).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
  });
});
