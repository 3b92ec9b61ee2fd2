import { describe, expect, it } from 'vitest';
import { keepNewest, openKept, readKept, startKept } from '../../protocol/application/cached-site.ts';
import { OFFLINE_GRACE_MS } from '../../protocol/application/manifest.ts';
import { Device } from './support/device.ts';
import { altered, LIFE, type Release, release, SIGNED_AT, signingKey } from './support/release.ts';

const SCRIPT = 'assets/index-1.js';
const key = signingKey();

/** A device that keeps a release, and has no network any more. */
async function offline(first: Release = release(key, { version: 3 })): Promise<{ device: Device; settings: Release['settings'] }> {
  const device = new Device(first);
  expect(await keepNewest(device.keeper(first.settings))).toBe('kept');
  device.server = undefined;
  return { device, settings: first.settings };
}

describe('an application that was kept', () => {
  it('starts without a network, with the very bytes that were signed', async () => {
    const { device, settings } = await offline();
    const kept = await openKept(device.keeper(settings));
    expect(kept).toMatchObject({ manifest: { version: 3 } });
    expect(await device.startKept(3, settings)).toEqual({ version: 3 });
    expect(device.ran).toEqual(['globalThis.ran = true;']);
  });

  it.each(['index.html', 'loader.js', SCRIPT, 'config.json', 'manifest.jws'])(
    'T8-P5, C10.2-4, I8: does not start, warm or offline, with one byte of %s changed in the cache, and is dropped',
    async (path) => {
      const { device, settings } = await offline();
      const files = device.sites.caches.get(3)!;
      files.set(path, altered(files.get(path)!));
      const kept = await openKept(device.keeper(settings));
      expect(kept).toHaveProperty('refused');
      expect(device.sites.caches.size).toBe(0);
      expect(await openKept(device.keeper(settings))).toBeUndefined();
    },
  );

  it('R9.2-5, C10.2-4: does not start with a file too many or too few', async () => {
    const many = await offline();
    many.device.sites.caches.get(3)!.set('assets/more.js', Buffer.from('evil()'));
    expect(await openKept(many.device.keeper(many.settings))).toEqual({ refused: 'file-unlisted' });
    const few = await offline();
    few.device.sites.caches.get(3)!.delete(SCRIPT);
    expect(await openKept(few.device.keeper(few.settings))).toEqual({ refused: 'file-missing' });
  });

  it('C10.2-4: does not start when an older release was put into the cache in its place', async () => {
    const { device, settings } = await offline();
    const old = release(key, { version: 2, script: 'old()' });
    await openKept(device.keeper(settings));
    for (const version of [2, 3]) {
      device.sites.caches.clear();
      device.sites.caches.set(version, new Map([...old.files, ['manifest.jws', Buffer.from(old.manifest)]]));
      expect(await openKept(device.keeper(settings))).toEqual({ refused: 'older-version' });
    }
  });

  it('R9.2-5, C10.2-4: does not start when it lies under another version than its own, which would keep newer ones out', async () => {
    const { device, settings } = await offline();
    const caches = device.sites.caches;
    caches.set(99, caches.get(3)!);
    caches.delete(3);
    expect(await openKept(device.keeper(settings))).toEqual({ refused: 'malformed' });
    expect(caches.size).toBe(0);
    device.server = release(key, { version: 4, script: 'new()' });
    expect(await keepNewest(device.keeper(settings))).toBe('kept');
  });

  it('R9.2-5, C10.2-4: does not start any more when a newer release says so, even if that one can’t be had whole', async () => {
    const first = release(key, { version: 3 });
    const { device } = await offline(first);
    device.server = release(key, { version: 5, minVersion: 4, script: 'new()' });
    device.server.files.delete(SCRIPT);
    expect(await keepNewest(device.keeper(first.settings))).toEqual({ refused: 'file-missing' });
    expect(await openKept(device.keeper(first.settings))).toEqual({ refused: 'below-minimum' });
  });

  it('with the check of files switched off, for the proof alone, starts and gives what is kept', async () => {
    const { device, settings } = await offline();
    const keeper = device.keeper({ ...settings, verifyFiles: false });
    device.sites.caches.get(3)!.set(SCRIPT, Buffer.from('evil()'));
    const kept = await openKept(keeper);
    if (kept === undefined || !('manifest' in kept)) throw new Error('nothing is kept');
    expect(await readKept(keeper, kept.manifest, SCRIPT)).toEqual(Buffer.from('evil()'));
    device.server = release(key, { version: 4 });
    device.server.files.set(SCRIPT, Buffer.from('evil()'));
    expect(await keepNewest(keeper)).toBe('kept');
    device.server = release(key, { version: 5 });
    device.server.files.delete(SCRIPT);
    expect(await keepNewest(keeper)).toEqual({ refused: 'unreachable' });
    expect([...device.sites.caches.keys()]).toEqual([3, 4]);
  });

  it('with the check of manifests switched off, for the proof alone, has no end', async () => {
    const { device, settings } = await offline();
    device.now = LIFE.validUntil + 2 * OFFLINE_GRACE_MS;
    const unchecked = { ...settings, verifyManifest: false };
    expect(await startKept(device.keeper(unchecked))).toMatchObject({ manifest: { version: 3 }, isOffline: false });
    expect(await startKept(device.keeper(settings))).toEqual({ refused: 'expired' });
  });

  it('R9.2-5, C10.2-4: gives its manifest, and no file that it does not list', async () => {
    const { device, settings } = await offline();
    const keeper = device.keeper(settings);
    const kept = await openKept(keeper);
    if (kept === undefined || !('manifest' in kept)) throw new Error('nothing is kept');
    expect(await readKept(keeper, kept.manifest, 'manifest.jws')).toEqual(device.sites.caches.get(3)!.get('manifest.jws'));
    device.sites.caches.get(3)!.set('more.js', Buffer.from('evil()'));
    expect(await readKept(keeper, kept.manifest, 'more.js')).toBeUndefined();
    expect(await readKept(keeper, kept.manifest, 'none.js')).toBeUndefined();
  });

  it('is the newest of several, and the others are dropped', async () => {
    const { device, settings } = await offline();
    for (const version of [4, 2]) {
      const { files, manifest } = release(key, { version });
      device.sites.caches.set(version, new Map([...files, ['manifest.jws', Buffer.from(manifest)]]));
    }
    expect(await openKept(device.keeper(settings))).toMatchObject({ manifest: { version: 4 } });
    expect([...device.sites.caches.keys()]).toEqual([4]);
    expect(await device.seen.read()).toEqual({ version: 4, minVersion: 0 });
  });

  it('whose manifest is gone while it starts says that a file is missing', async () => {
    const { device, settings } = await offline();
    const keeper = device.keeper(settings);
    const store = { ...keeper.store, versions: async () => [3], read: async () => undefined, drop: async () => {} };
    expect(await openKept({ ...keeper, store })).toEqual({ refused: 'file-missing' });
  });

  it('is none before anything was kept', async () => {
    const device = new Device(release(key));
    expect(await startKept(device.keeper(release(key).settings))).toBeUndefined();
  });

  it('R9.2-5, C10.2-4: gives each file only as it was signed, however late it was changed', async () => {
    const { device, settings } = await offline();
    const keeper = device.keeper(settings);
    const kept = await openKept(keeper);
    if (kept === undefined || !('manifest' in kept)) throw new Error('nothing is kept');
    expect(await readKept(keeper, kept.manifest, SCRIPT)).toEqual(Buffer.from('globalThis.ran = true;'));
    device.sites.caches.get(3)!.set(SCRIPT, Buffer.from('evil()'));
    expect(await readKept(keeper, kept.manifest, SCRIPT)).toBeUndefined();
  });
});

describe('a newer release', () => {
  it('takes the place of the one before at the next start, whole', async () => {
    const { device, settings } = await offline();
    device.server = release(key, { version: 4, script: 'new()' });
    expect(await keepNewest(device.keeper(settings))).toBe('kept');
    expect(await keepNewest(device.keeper(settings))).toBe('current');
    expect(await openKept(device.keeper(settings))).toMatchObject({ manifest: { version: 4 } });
    expect([...device.sites.caches.keys()]).toEqual([4]);
  });

  it('R9.2-5, C10.2-4: is not kept with one byte of any file changed, and what was kept goes on', async () => {
    const { device, settings } = await offline();
    for (const path of release(key).files.keys()) {
      device.server = release(key, { version: 4, script: 'new()' });
      device.server.files.set(path, altered(device.server.files.get(path)!));
      expect(await keepNewest(device.keeper(settings))).toEqual({ refused: 'file-altered' });
    }
    expect(await openKept(device.keeper(settings))).toMatchObject({ manifest: { version: 3 } });
  });

  it('R9.2-5, C10.2-4: is not kept when it is none: rolled back, of somebody else, or of another application', async () => {
    const { device, settings } = await offline();
    await openKept(device.keeper(settings));
    const keeper = device.keeper(settings);
    device.server = release(key, { version: 2 });
    expect(await keepNewest(keeper)).toEqual({ refused: 'older-version' });
    device.server = release(signingKey(), { version: 9 });
    expect(await keepNewest(keeper)).toEqual({ refused: 'unknown-key' });
    device.server = release(key, { version: 9, application: 'console' });
    expect(await keepNewest(keeper)).toEqual({ refused: 'another-application' });
    expect(await openKept(keeper)).toMatchObject({ manifest: { version: 3 } });
  });

  it('C10.2-4: is not kept in place of the same or a newer one, and leaves no part of it behind', async () => {
    const { device, settings } = await offline(release(key, { version: 3, minVersion: 1 }));
    device.server = release(key, { version: 3, script: 'other()' });
    expect(await keepNewest(device.keeper(settings))).toBe('current');
    device.server = release(key, { version: 4, minVersion: 2 });
    device.server.files.delete('loader.js');
    expect(await keepNewest(device.keeper(settings))).toEqual({ refused: 'file-missing' });
    expect([...device.sites.caches.keys()]).toEqual([3]);
    expect(await device.seen.read()).toEqual({ version: 0, minVersion: 2 });
  });

  it('is waited for while the server does not answer', async () => {
    const { device, settings } = await offline();
    expect(await keepNewest(device.keeper(settings))).toEqual({ refused: 'unreachable' });
    expect(await openKept(device.keeper(settings))).toMatchObject({ manifest: { version: 3 } });
  });
});

describe('an application that was kept and has expired', () => {
  const first = release(key, { version: 3 });
  const { settings } = first;

  async function expired(): Promise<Device> {
    const { device } = await offline(first);
    device.now = LIFE.validUntil;
    return device;
  }

  it('starts as it is until then, without asking anybody', async () => {
    const { device } = await offline(first);
    device.now = LIFE.validUntil - 1;
    expect(await startKept(device.keeper(settings))).toMatchObject({ manifest: { version: 3 }, isOffline: false });
  });

  it('R9.2-5, C10.2-4: does not start while its server goes on with the old one, however genuine', async () => {
    const device = await expired();
    device.server = first;
    expect(await startKept(device.keeper(settings))).toEqual({ refused: 'expired' });
    expect(await device.start(settings)).toEqual({ refused: 'expired', path: 'manifest.jws' });
    expect(device.ran).toEqual([]);
  });

  it('R9.2-5: does not start a fresh device on an old release either', async () => {
    const device = new Device(first);
    device.now = LIFE.validUntil;
    expect(await device.start()).toEqual({ refused: 'expired', path: 'manifest.jws' });
    expect(await keepNewest(device.keeper(settings))).toEqual({ refused: 'expired' });
    expect(device.ran).toEqual([]);
  });

  it('starts as the renewed one when the server has it, kept from then on', async () => {
    const device = await expired();
    device.server = release(key, { version: 4, issuedAt: SIGNED_AT + 86_400_000 });
    expect(await startKept(device.keeper(settings))).toMatchObject({ manifest: { version: 4 }, isOffline: false });
    device.server = undefined;
    expect(await startKept(device.keeper(settings))).toMatchObject({ manifest: { version: 4 }, isOffline: false });
  });

  it('R9.2-5, C10.2-4: does not start when what the server has instead was altered', async () => {
    const device = await expired();
    device.server = release(key, { version: 4, issuedAt: SIGNED_AT + 86_400_000 });
    device.server.files.set(SCRIPT, Buffer.from('evil()'));
    expect(await startKept(device.keeper(settings))).toEqual({ refused: 'file-altered' });
  });

  it('starts for a while without any network, and says since when; a server that answers is no such network', async () => {
    const device = await expired();
    expect(await startKept(device.keeper(settings))).toMatchObject({ manifest: { version: 3 }, isOffline: true });
    expect(await device.startKept(3, settings, true)).toEqual({ version: 3, expiredSince: LIFE.validUntil });
    expect(await device.startKept(3, settings)).toEqual({ refused: 'expired', path: 'manifest.jws' });
  });

  it('C10.2-4: does not start without a network once that while is over, and says the same each time', async () => {
    const device = await expired();
    device.now = LIFE.validUntil + OFFLINE_GRACE_MS;
    expect(await startKept(device.keeper(settings))).toEqual({ refused: 'expired' });
    expect(await startKept(device.keeper(settings))).toEqual({ refused: 'expired' });
    expect(await device.startKept(3, settings, true)).toEqual({ refused: 'expired', path: 'manifest.jws' });
    device.server = release(key, { version: 4, issuedAt: device.now });
    expect(await startKept(device.keeper(settings))).toMatchObject({ manifest: { version: 4 } });
  });
});
