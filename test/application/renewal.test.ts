import { describe, expect, it } from 'vitest';
import { readySite } from '../../bin/site/ready.ts';
import { signSite } from '../../bin/site/sign.ts';
import { RenewedSite } from '../../bin/site/sites.ts';
import { endingApplications } from '../../lambdas/maintenance/application-ends.ts';
import type { Log } from '../../platform/ports/platform.ts';
import { readManifest } from '../../protocol/application/manifest.ts';
import { MemoryKms } from '../support/memory-kms.ts';
import { MemoryObjects } from '../support/memory-objects.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { builtSite } from './support/release.ts';

const DAY = 86_400_000;

async function shown() {
  const wall = new ManualClock(1_700_000_000_000);
  const objects = new MemoryObjects(wall);
  const codes: unknown[] = [];
  const note = (_line: string, fields?: Readonly<Record<string, unknown>>) => void codes.push(fields?.['code']);
  const log: Log = { info: note, warn: note, error: note };
  const publisher = { wall, objects, kms: new MemoryKms().as('publisher') };
  const fault = { now: false };
  const site = await RenewedSite.of({ wall, log }, async () => {
    if (fault.now) throw new Error('no key service');
    return readySite(builtSite(), await signSite(publisher, 'portal', builtSite()), []);
  });
  /** Whoever asks, and whoever asks after it was made again. */
  const seen = async () => {
    site.get('/manifest.jws');
    await site.settled();
    const [, payload = ''] = site.get('/manifest.jws')!.body.toString('ascii').split('.');
    return readManifest(Buffer.from(payload, 'base64url'))!;
  };
  return { wall, objects, codes, fault, seen };
}

describe('a site that is shown for long', () => {
  it('R9.2-5: is signed anew while it is shown, so that it never comes near its end', async () => {
    const { wall, seen } = await shown();
    for (let day = 0; day < 90; day += 1) {
      const { validUntil } = await seen();
      expect(validUntil - wall.now()).toBeGreaterThan(14 * DAY);
      wall.set(wall.now() + DAY);
    }
    expect((await seen()).version).toBe(7);
  });

  it('says so when it can’t be signed, shows what it has, and tries again', async () => {
    const { wall, codes, fault, seen } = await shown();
    fault.now = true;
    wall.set(wall.now() + 16 * DAY);
    expect(await seen()).toMatchObject({ version: 1 });
    expect(codes).toContain('APPLICATION_ENDS');
    fault.now = false;
    wall.set(wall.now() + DAY);
    expect(await seen()).toMatchObject({ version: 2 });
  });
});

describe('the hourly look at published applications', () => {
  it('R9.2-5: names the one whose manifest has less than ten days left, and none that was never published', async () => {
    const { wall, objects } = await shown();
    const at = (days: number) => ({ now: () => wall.now() + days * DAY });
    expect(await endingApplications({ objects }, at(20))).toEqual([]);
    expect(await endingApplications({ objects }, at(20.1))).toEqual(['portal']);
    await objects.put('sites/console.jws', Buffer.from('of.bygone.times'));
    expect(await endingApplications({ objects }, at(0))).toEqual(['console']);
  });
});
