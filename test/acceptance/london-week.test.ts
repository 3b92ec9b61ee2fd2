import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FleetProcess } from '../../bin/town/fleet-process.ts';
import { play } from '../../bin/town/play.ts';
import { ProgressBar } from '../../bin/town/progress.ts';
import { truthLine } from '../../devices/fleet/truth.ts';
import { localDayAt, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { describeShared } from '../support/shared.ts';
import { closedDays, expectReadings } from './closed-days.ts';
import { ServiceUnderTest } from './service-under-test.ts';

describeShared('a week in London', 'data/london-2013/homes.csv.gz', (file) => {
  it('T8.1-2: 80 homes, a concentrator that attacks: every frame accounted for, every reading stored once, slot by slot, and closed into days', {
    timeout: 180_000,
  }, async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-london-'));
    const fleet = new FleetProcess(stateDir);
    const town = { kind: 'csv', file, days: 7, seed: 'london', intervalMinutes: 15, concentrators: 4, adversary: 'dc-4' } as const;
    const stock = await fleet.ask({ type: 'commission', town }, 'stock');
    expect(stock.meters).toHaveLength(80);
    const service = await ServiceUnderTest.boot({ start: stock.start, stateDir, closing: true });
    await fleet.ask(await service.commission(stock), 'commissioned');
    const parts = { service, fleet, clock: service.clock };
    const { truth, settled } = await play(parts, { from: stock.start, to: stock.end! }, new ProgressBar('playing', true));
    const { accepted, duplicate, quarantined, storedWh, readings, fold } = await service.recorded();
    const lines = createHash('sha256');
    for (const { meterId, channel, end, energyWh } of fold.sorted()) lines.update(truthLine(meterId, channel, end * 1000, energyWh));
    expect(truth.framesPublished).toBe(accepted + duplicate + quarantined);
    expect([storedWh, readings]).toEqual([truth.wh, truth.readings]);
    expect(lines.digest('hex')).toBe(truth.bySlotDigest);
    expect([settled.settled, settled.unacknowledged]).toEqual([true, 0]);
    const { adversary } = truth;
    for (const did of ['forged', 'flipped', 'replayed', 'dropped', 'withheld', 'downlinksForged'] as const)
      expect(adversary?.[did]).toBeGreaterThan(0);
    expect(quarantined).toBeGreaterThanOrEqual(adversary!.forged + adversary!.flipped + adversary!.unknownMeter);
    const today = localDayAt(service.clock.now() / 1000, 'Europe/London').day;
    service.clock.step(provisionalAt(today, 'Europe/London'));
    await service.settle();
    const days = await closedDays(service.platform.as('editing'));
    expect(expectReadings(days, fold)).toBe(readings);
    expect(days.filter(({ verified }) => verified?.seal === 'verified' && verified.chain === 'verified').length).toBeGreaterThan(
      7 * 80 * 0.9,
    );
    expect(days.flatMap(({ faults }) => faults)).toEqual([]);
    await fleet.stop();
    await service.close();
    rmSync(stateDir, { recursive: true });
  });
});
