import { describe, expect, it } from 'vitest';
import { APPLICATION_TYP, MANIFEST_PATH } from '../../protocol/application/manifest.ts';
import { CONFIG_PATH, partsOf } from '../../protocol/application/start.ts';
import { Device } from './support/device.ts';
import { altered, LIFE, release, signingKey } from './support/release.ts';

const SCRIPT = 'assets/index-1.js';
const key = signingKey();

describe('an application that starts from its server', () => {
  it('runs when everything is as it was signed, with the settings that were signed', async () => {
    const device = new Device(release(key, { version: 2 }));
    expect(await device.start()).toEqual({ version: 2 });
    expect(device.ran).toEqual(['globalThis.ran = true;']);
    expect(device.styles).toHaveLength(1);
    expect(device.config).toMatchObject({ application: 'portal', issuer: 'https://localhost:9443' });
    expect(await device.seen.read()).toEqual({ version: 2, minVersion: 0 });
  });

  it.each(['config.json', 'assets/index-1.css', SCRIPT])(
    'T8-P5, R9.2-5, C10.2-4, I8: runs nothing with one byte of %s changed',
    async (path) => {
      const device = new Device(release(key));
      device.server!.files.set(path, altered(device.server!.files.get(path)!));
      expect(await device.start()).toEqual({ refused: 'file-altered', path });
      expect(device.ran).toEqual([]);
    },
  );

  it('R9.2-5, C10.2-4, I8: runs nothing of another application of the same utility', async () => {
    const portal = release(key);
    const device = new Device(release(key, { application: 'console' }));
    expect(await device.start(portal.settings)).toEqual({ refused: 'another-application', path: 'manifest.jws' });
    expect(device.ran).toEqual([]);
  });

  it('T8-P5, R9.2-5, C10.2-4, I8: runs nothing older than what it ran before', async () => {
    const device = new Device(release(key, { version: 7 }));
    expect(await device.start()).toEqual({ version: 7 });
    device.server = release(key, { version: 6, script: 'old()' });
    expect(await device.start()).toEqual({ refused: 'older-version', path: 'manifest.jws' });
    expect(device.ran).toEqual(['globalThis.ran = true;']);
  });

  it('T8-P5, C10.2-4: runs nothing that somebody else signed', async () => {
    const { settings } = release(key);
    const device = new Device(release(signingKey()));
    expect(await device.start(settings)).toEqual({ refused: 'unknown-key', path: 'manifest.jws' });
    expect(device.ran).toEqual([]);
  });

  it('T8-P5, C10.2-4: runs nothing of a bundle that was altered together with its manifest, for want of the key', async () => {
    const { settings, manifest } = release(key);
    const evil = release(signingKey(), { script: 'evil()' });
    const [header, , signature] = manifest.split('.');
    const parts = evil.manifest.split('.');
    for (const said of [evil.manifest, [header, parts[1], signature].join('.'), [header, parts[1], parts[2]].join('.')]) {
      const device = new Device({ ...evil, manifest: said });
      expect(await device.start(settings)).toHaveProperty('refused');
      expect([device.ran, device.styles, device.config]).toEqual([[], [], undefined]);
    }
  });

  it('R9.2-5: runs nothing of a script that was swapped after the manifest was verified', async () => {
    const good = release(key);
    const device = new Device(good);
    let asked = 0;
    device.answers = (path) => {
      if (path === 'manifest.jws') return Buffer.from(good.manifest);
      return path === SCRIPT && ++asked > 0 ? Buffer.from('evil()') : good.files.get(path);
    };
    expect(await device.start()).toEqual({ refused: 'file-altered', path: SCRIPT });
    expect(asked).toBe(1);
    expect(device.ran).toEqual([]);
  });

  it('runs nothing when its settings, its style or its script cannot be had', async () => {
    for (const path of ['config.json', 'assets/index-1.css', SCRIPT]) {
      const device = new Device(release(key));
      device.server!.files.delete(path);
      const refused = path === 'config.json' ? 'file-missing' : 'file-altered';
      expect(await device.start()).toEqual({ refused, path });
      expect(device.ran).toEqual([]);
    }
  });

  it('with the check of files switched off, for the proof alone, runs what comes, and still needs its settings', async () => {
    const device = new Device(release(key));
    const settings = { ...device.server!.settings, verifyFiles: false };
    device.server!.files.set(SCRIPT, Buffer.from('evil()'));
    expect(await device.start(settings)).toEqual({ version: 1 });
    expect(device.ran).toEqual(['evil()']);
    device.server!.files.delete('config.json');
    expect(await device.start(settings)).toEqual({ refused: 'unreachable', path: 'config.json' });
    device.server!.files.set('config.json', Buffer.from('{}')).delete(SCRIPT);
    expect(await device.start(settings)).toEqual({ refused: 'file-altered', path: SCRIPT });
  });

  it('with the check of manifests switched off, for the proof alone, remembers nothing and has no end', async () => {
    const device = new Device(release(signingKey(), { version: 7 }));
    device.now = LIFE.validUntil;
    expect(await device.start({ ...release(key).settings, verifyManifest: false })).toEqual({ version: 7 });
    expect(await device.seen.read()).toEqual({ version: 0, minVersion: 0 });
  });

  it('adds styles first, then the script, and nothing that lies elsewhere', () => {
    const files = Object.fromEntries(
      ['assets/b.js', 'assets/a.css', 'a.js', 'a.css', 'assets/c.css', 'assets/c.map', 'assetsx/d.js', 'loader.js'].map((path) => [
        path,
        'x',
      ]),
    );
    const manifest = { application: 'portal', version: 1, minVersion: 0, issuedAt: 0, validUntil: 1, files };
    expect(partsOf(manifest)).toEqual([
      ['style', 'assets/a.css'],
      ['style', 'assets/c.css'],
      ['script', 'assets/b.js'],
    ]);
    expect([MANIFEST_PATH, CONFIG_PATH, APPLICATION_TYP]).toEqual(['manifest.jws', 'config.json', 'x1332-app+jws']);
  });

  it('says so when there is no answer', async () => {
    const device = new Device(release(key));
    const { settings } = device.server!;
    device.server = undefined;
    expect(await device.start(settings)).toEqual({ refused: 'unreachable', path: 'manifest.jws' });
  });
});
