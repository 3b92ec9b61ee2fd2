import { describe, expect, it } from 'vitest';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { RECORD_FLAG, SCALED, SLOT_SOURCES, VEE_RULES } from '../../events/index.ts';
import { DayProjection } from '../../lambdas/project/day-projection.ts';
import { EXCEPTIONS, exceptionGroups } from '../../lambdas/project/exceptions.ts';
import { dayTables } from '../../lambdas/project/tables.ts';
import { changePoint } from '../../lambdas/register/change-point.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';
import { close, collect, records, stream } from './days.ts';

const DAY = '2026-01-15';
const ZONE = HOME.zone;
const { start, end } = localDay(DAY, ZONE);
const NOON = start + 12 * 3600;
const POINT = 'up-1';

/** A home whose usage point is opened as in production, and its meter that speaks every hour. */
class Home {
  readonly outside = new MemoryWorld({ now: start * 1000 });
  readonly world = new ClosingWorld(start * 1000, this.outside);
  meter!: Enrolled;

  static async make(): Promise<Home> {
    const home = new Home();
    home.meter = await home.world.enrol({ firstDay: DAY });
    const point = { usagePoint: POINT, premises: 'p', zone: ZONE, areaLeaf: 'a', meterClass: 'residential' as const };
    const meter = { meterId: home.meter.options.meterId, from: start * 1000, asset: HOME };
    await openPoints(home.outside.as('enrol'), [{ ...point, meter, tenant: { accountId: 'acc-1', from: start * 1000 } }]);
    return home;
  }

  /** So many Wh in every slot of the day. @param lost frames whose last slot ends in one of these hours @param flags by the end of a slot */
  async play(wh: number, lost: readonly number[] = [], flags: (end: number) => number = () => 0, meter = this.meter): Promise<void> {
    for (let at = start + 900; at <= end; at += 900) {
      meter.measure(at, wh, wh, flags(at));
      if (at % 3600 !== 0) continue;
      const frames = meter.frames(at);
      if (!lost.includes((at - start) / 3600)) await this.world.say(meter, frames, at * 1000 + 90_000);
    }
  }

  async closed(meter = this.meter): Promise<OpenDay> {
    await this.world.close(provisionalAt(DAY, ZONE));
    return await this.world.day(meter.options.meterId, DAY);
  }

  async causes(): Promise<readonly (readonly [string, string])[]> {
    const project = this.outside.as('project');
    const names = (await Array.fromAsync(project.events.streams('meterday/'))).map((name) => ({ stream: name }));
    expect((await new DayProjection(project, dayTables(project.models)).follow(names)).size).toBe(0);
    const groups = await exceptionGroups(project.models.table(EXCEPTIONS), DAY, plusDays(DAY, 1));
    return groups.map(({ cause, status }) => [cause, status] as const);
  }
}

function rulesIn(bits: number): string[] {
  return VEE_RULES.filter((_, bit) => ((bits >>> bit) & 1) === 1);
}

describe('rules are fed from where the fact is known', () => {
  it('V23: what is used while the utility has switched the supply off goes to the exceptions', async () => {
    const home = await Home.make();
    const word = { reason: 'unpaid', by: 'ann', at: start * 1000 };
    const off = { type: 'DisconnectSupply', instant: NOON * 1000, ...word } as const;
    const on = { type: 'ReconnectSupply', instant: (NOON + 3600) * 1000, ...word } as const;
    await changePoint(home.outside.as('enrol'), POINT, [off, on]);
    await home.play(26);
    const day = await home.closed();
    expect(rulesIn(day.channels[0]!.judged!.dayWarnings)).toContain('V23');
    expect(day.outcome).toMatchObject({ held: false, channels: [{ measured: 96 }] });
    expect(await home.causes()).toContainEqual(['rule/V23', 'open']);
  });

  it('V23 keeps quiet over what a home draws with the supply on, and over little', async () => {
    const home = await Home.make();
    const word = { reason: 'unpaid', by: 'ann', at: start * 1000 };
    await changePoint(home.outside.as('enrol'), POINT, [{ type: 'DisconnectSupply', instant: (end - 3600) * 1000, ...word }]);
    await home.play(25);
    const day = await home.closed();
    expect(rulesIn(day.channels[0]!.judged!.dayWarnings)).not.toContain('V23');
  });

  it('V02: intervals that no slot takes are told to the day they end in, where their slots are missing', async () => {
    const home = await Home.make();
    await home.play(20, [5]);
    const crooked = {
      kind: 'reading' as const,
      channel: 0,
      flags: 0,
      end: start + 5 * 3600 - 60,
      minutes: 15,
      register: 400,
      head: Buffer.alloc(8),
      deltas: [20, 20, 20, 20],
    };
    await home.world.say(home.meter, [encodePlaintext(crooked)]);
    const day = await home.closed();
    expect(rulesIn(day.channels[0]!.judged!.dayErrors)).toEqual(['V02', 'V03']);
    await home.world.close(provisionalAt(DAY, ZONE) + 3_600_000);
    expect(rulesIn((await home.world.day(home.meter.options.meterId, DAY)).channels[0]!.judged!.dayErrors)).toContain('V02');
  });

  it('a register that was reset begins a new run: nobody is suspected, and no span over it has a difference', async () => {
    const home = await Home.make();
    await home.play(20, [], (at) => (at > NOON && at <= NOON + 3600 ? RECORD_FLAG.reset : 0));
    const day = await home.closed();
    const { judged } = day.channels[0]!;
    expect(judged!.bracket).toBe(-1);
    expect(rulesIn(judged!.errors[48]!)).toEqual(['V21']);
  });

  it('V06: a slot that ends after the judgement is held for a person', () => {
    const day = stream(collect(records(0, 96)), close(false, { at: Date.UTC(2026, 0, 15, 12) }));
    expect(day.outcome).toMatchObject({ measured: 48, held: 48 });
    expect(rulesIn(day.day.channels[0]!.judged!.errors[48]!)).toEqual(['V06']);
  });
});

describe('an exchange', () => {
  const view = emptyView();

  it('gives the old meter its final register and the new one its initial: what is missing beside them comes to their difference', async () => {
    const home = await Home.make();
    const next = await home.world.enrol({ firstDay: DAY });
    const meterId = home.meter.options.meterId;
    const at = start * 1000;
    await changePoint(home.outside.as('enrol'), POINT, [
      { type: 'RemoveMeter', meterId, until: NOON * 1000, registers: [{ channel: 0, counts: 48 * 20 }], at },
      {
        type: 'InstallMeter',
        meterId: next.options.meterId,
        from: NOON * 1000,
        asset: HOME,
        registers: [{ channel: 0, counts: 48 * 30 }],
        at,
      },
    ]);
    // Nothing of the hour before the exchange arrived of the old one, nothing of the hour behind it of the new one.
    await home.play(20, [12]);
    await home.play(30, [12, 13], () => 0, next);
    const [old, new_] = [await home.closed(), await home.closed(next)];
    for (const [day, from, wh] of [
      [old, 44, 20],
      [new_, 0, 30],
    ] as const) {
      let sum = 0;
      for (let slot = from; slot < from + 4; slot++) {
        viewSlot(day.channels[0]!, slot, true, view);
        expect(view.source & SCALED).toBe(SCALED);
        sum += view.counts;
      }
      expect(sum).toBe(4 * wh);
    }
    expect([old.frame.end, new_.frame.start]).toEqual([NOON, NOON]);
    expect(SLOT_SOURCES[view.source & ~SCALED]).not.toBe('measured');
  });
});
