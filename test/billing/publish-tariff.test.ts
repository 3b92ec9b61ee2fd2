import { describe, expect, it } from 'vitest';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { TariffLibrary } from '../../lambdas/billing/tariff-library.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const DYNAMIC = JSON.stringify({
  id: 'd',
  name: 'D',
  currency: 'GBP',
  from: '2013-06-01',
  charges: [{ kind: 'energy', code: 'e', pricing: { kind: 'band-series', series: 'bands', bands: [{ band: 'Low', perKWh: '0.1' }] } }],
});
const BANDS = `start_local,band\n${Array.from({ length: 24 }, (_, i) => `2013-06-01T${String(i).padStart(2, '0')}:00,Low`).join('\n')}\n`;

function series(text: string) {
  return new Map([['bands', { file: 'bands.csv', text }]]);
}

describe('publishing a tariff', () => {
  it('keeps file and series as they were, and gives them back', async () => {
    const platform = new MemoryWorld().as('operator-cli');
    const published = await publishTariff(platform, { file: 'd.json', text: DYNAMIC }, series(BANDS));
    expect(published).toMatchObject({ tariff: 'd', version: 1, from: '2013-06-01', document: DYNAMIC });
    expect((await publishTariff(platform, { file: 'd.json', text: DYNAMIC }, series(BANDS))).version).toBe(1);
    const [version] = await new TariffLibrary(platform).versions('d');
    expect(version?.series.get('bands')).toMatchObject({ kind: 'bands', stepMinutes: 60 });
  });

  it('publishes nothing that is broken', async () => {
    const world = new MemoryWorld();
    const platform = world.as('operator-cli');
    const attempts = [
      [DYNAMIC, new Map(), 'ERR_SERIES_MISSING'],
      [DYNAMIC, series('a,b\n'), 'ERR_SERIES_INVALID'],
      ['{}', new Map(), 'ERR_TARIFF_INVALID'],
    ] as const;
    for (const [text, given, code] of attempts) {
      await expect(publishTariff(platform, { file: 'd.json', text }, given)).rejects.toMatchObject({ code });
    }
    expect(world.events.eventsOf('tariff/d')).toEqual([]);
    expect(world.objects.bodies.size).toBe(0);
  });

  it('refuses a series that is no more what was published', async () => {
    const world = new MemoryWorld();
    await publishTariff(world.as('operator-cli'), { file: 'd.json', text: DYNAMIC }, series(BANDS));
    const [key] = world.objects.bodies.keys();
    world.objects.bodies.set(key!, Buffer.from(BANDS.replace('Low', 'High')));
    await expect(new TariffLibrary(world.as('billing')).versions('d')).rejects.toMatchObject({ code: 'ERR_SERIES_DAMAGED' });
    world.objects.bodies.clear();
    await expect(new TariffLibrary(world.as('billing')).versions('d')).rejects.toMatchObject({ code: 'ERR_SERIES_DAMAGED' });
    await expect(new TariffLibrary(world.as('billing')).versions('none')).rejects.toMatchObject({ code: 'ERR_TARIFF_UNKNOWN' });
  });
});
