import { expect, it } from 'vitest';
import { ruleBit } from '../../domain/vee/findings.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld } from './closing-world.ts';

const DAY = '2026-01-15';

it('V24 and V26: a meter that falls silent is told of once, estimated for too long once as an event and once as an alarm', async () => {
  const world = new ClosingWorld(localDay(DAY, HOME.zone).start * 1000);
  const meter = await world.enrol({ firstDay: DAY });
  const { start, end } = localDay(DAY, HOME.zone);
  for (let at = start + 900; at <= end; at += 900) meter.measure(at, 100);
  await world.say(meter, meter.frames(end), end * 1000 + 60_000);
  const told: [day: number, prolonged: number, silent: number][] = [];
  for (let n = 0; n < 18; n++) {
    const { prolonged, silent } = await world.close(provisionalAt(plusDays(DAY, n), HOME.zone));
    if (prolonged + silent > 0) told.push([n, prolonged, silent]);
  }
  expect(told).toEqual([
    [1, 0, 1],
    [6, 1, 0],
    [15, 1, 0],
  ]);
  const warnings = async (n: number) => (await world.day(meter.options.meterId, plusDays(DAY, n))).channels[0]!.judged!.dayWarnings;
  expect((await warnings(6)) & ruleBit('V24')).not.toBe(0);
  expect((await warnings(7)) & ruleBit('V24')).toBe(0);
  expect((await warnings(7)) & ruleBit('V26')).not.toBe(0);
  expect((await warnings(0)) & ruleBit('V26')).toBe(0);
});
