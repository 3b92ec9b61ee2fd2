import { describe, expect, it } from 'vitest';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { Closer } from '../../lambdas/close-day/closer.ts';
import { recloseDays } from '../../lambdas/close-day/reclose.ts';
import { zeroTally } from '../../lambdas/close-day/tally.ts';
import { correctMultiplier } from '../../lambdas/register/correct-multiplier.ts';
import { foldDay, openDays } from '../../lambdas/shared/days/day-streams.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { closeAll, DATES, openHomes } from '../billing/closed-homes.ts';
import { discard } from '../contract/support/state.ts';
import { METER } from '../subjects/given.ts';
import { mortal, type SealedWorld, sealedWorld, ZONE } from '../subjects/sealed-days.ts';
import { defencesUnderTest } from '../support/defences.ts';

const NOON = (localDay('2026-10-25', ZONE).start + 12 * 3600) * 1000;
const CORRECTION = { meterId: METER, channel: 0, multiplier: 2, validFrom: NOON, reason: 'CT', by: 'sue' };

async function correct(world: SealedWorld, days: Platform, multiplier = CORRECTION.multiplier): Promise<void> {
  await correctMultiplier({ register: world.as('enrol'), days }, 'home-1', { ...CORRECTION, multiplier });
  await recloseDays(days, new Closer(days, defencesUnderTest()), zeroTally());
}

/** What is left of every stream of the meter: bounds, energy, worth. */
async function standing(world: SealedWorld): Promise<unknown[]> {
  const platform = world.as('close-day');
  const found: unknown[] = [];
  for await (const stream of platform.events.streams(`meterday/${METER}/`)) {
    const day = await foldDay(platform, stream, await openDays(platform, 'audit', [{ stream }]));
    if (day.status === 'open') found.push(told(stream, day));
  }
  return found;
}

function told(stream: string, { frame, final, outcome, channels }: OpenDay): unknown {
  const { energyWh, perCount, measured } = outcome!.channels[0]!;
  return {
    stream,
    start: frame.start,
    end: frame.end,
    part: frame.part,
    final,
    energyWh,
    perCount,
    measured,
    slots: channels[0]!.counts.length,
  };
}

async function closedWorld(): Promise<SealedWorld> {
  const world = await sealedWorld();
  await openHomes(world.as);
  await closeAll(world.as, 'home-1', 10);
  return world;
}

describe('days that follow a corrected multiplier', () => {
  it('lose nothing when another correction comes before the first one has gone through', async () => {
    const whole = await closedWorld();
    await correct(whole, whole.as('close-day'), 3);
    const expected = await standing(whole);
    discard(whole.state.directory);
    for (let moments = 0; moments < 4; moments++) {
      const world = await closedWorld();
      await expect(correct(world, mortal(world.as('close-day'), moments))).rejects.toThrow('the process is gone');
      await correct(world, world.as('close-day'), 3);
      expect(await standing(world)).toEqual(expected);
      discard(world.state.directory);
    }
  });

  it('end the same wherever the process dies on the way and is started again', async () => {
    const whole = await closedWorld();
    await correct(whole, whole.as('close-day'));
    const expected = await standing(whole);
    discard(whole.state.directory);
    // 24 October as it was; the 25th has 25 hours, of which 12 come before the instant.
    expect(expected).toMatchObject([
      { energyWh: 960, perCount: 1 },
      { part: 1, energyWh: 480, perCount: 1, final: true },
      { part: 2, energyWh: 1040, perCount: 2, final: true },
      { energyWh: 1920, perCount: 2 },
    ]);
    expect(DATES).toHaveLength(3);
    let deaths = 0;
    for (let moments = 0; ; moments++) {
      const world = await closedWorld();
      const died = await correct(world, mortal(world.as('close-day'), moments)).then(
        () => false,
        () => true,
      );
      if (died) await correct(world, world.as('close-day'));
      expect(await standing(world)).toEqual(expected);
      discard(world.state.directory);
      if (!died) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThanOrEqual(4);
  });
});
