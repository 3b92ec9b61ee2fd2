import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { vi } from 'vitest';
import { billCommand } from '../../bin/commands/bill.ts';
import { certificateCommand } from '../../bin/commands/certificate.ts';
import { dayCommand } from '../../bin/commands/day.ts';
import { importCommand } from '../../bin/commands/import.ts';
import { pointCommand } from '../../bin/commands/point.ts';
import { settlementCommand } from '../../bin/commands/settlement.ts';
import { tenancyCommand } from '../../bin/commands/tenancy.ts';
import { Service } from '../../bin/service/service.ts';
import { report } from '../../bin/terminal/fail.ts';
import type { BillState } from '../../domain/billing/bill.ts';
import type { MeterDayState, OpenDay } from '../../domain/meterday/state.ts';
import type { BillingEvent } from '../../events/catalogue/billing.ts';
import type { DataAccessed, DayFrame, MeterDayEvent } from '../../events/index.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { foldDay, openDays } from '../../lambdas/shared/days/day-streams.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { closePart } from '../billing/closed-homes.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ASSET, METER, OTHER_METER } from '../subjects/given.ts';

export const ZONE = 'Europe/London';
export const POINT = 'home-1';
const ACCOUNT = 'acc-1';
/** The tenant had the home for three days of October; the clock was put back on the second. */
export const DATES = ['2026-10-24', '2026-10-25', '2026-10-26'] as const;
const OCTOBER_24 = localDay('2026-10-24', ZONE).start * 1000;
const OCTOBER_27 = localDay('2026-10-27', ZONE).start * 1000;
/** Everything is due. */
const NOW = Date.UTC(2026, 10, 7, 12);
const HOUR = 3_600_000;
const BILL = `bill/${ACCOUNT}/${POINT}.2026-10-01`;

interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A state directory of one home, its commands, and the service that goes on from it. The machine's date is that of the story. */
export class RegisterWorld {
  readonly stateDir = temporaryDirectory();
  readonly clock = { now: () => Date.now() };

  static async make(): Promise<RegisterWorld> {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    const world = new RegisterWorld();
    await world.with(async (platform) => {
      const point = { usagePoint: POINT, premises: 'p-1', zone: ZONE, areaLeaf: 'north-1', meterClass: 'residential' as const };
      const home = { ...point, meter: { meterId: METER, from: OCTOBER_24, asset: ASSET }, tariff: { tariff: 'flat', from: '2026-10-01' } };
      await openPoints(platform.as('enrol'), [{ ...home, tenant: { accountId: ACCOUNT, from: OCTOBER_24 } }]);
      await endTenancy(platform.as('enrol'), POINT, OCTOBER_27);
      for (const [id, perKWh] of [
        ['flat', '0.25'],
        ['dear', '0.5'],
      ] as const) {
        const charges = [{ kind: 'energy', code: 'energy', pricing: { kind: 'flat', perKWh } }];
        const text = JSON.stringify({ id, name: id, currency: 'GBP', from: '2026-10-01', charges });
        await publishTariff(platform.as('billing'), { file: `${id}.json`, text }, new Map());
      }
      const enrolled = { meterId: OTHER_METER, certificate: randomBytes(8), asset: ASSET, at: 1 };
      const { events } = platform.as('enrol');
      const commit = { commitId: randomBytes(32), events: [{ type: 'MeterEnrolled', data: enrolled } as const] };
      await events.append(await events.head(`meter/${OTHER_METER}`), commit).durable;
    });
    for (const [name, role] of [
      ['ann', 'operator'],
      ['sue', 'supervisor'],
    ] as const)
      await world.run('certificate', 'issue', '--name', name, '--role', role, '--out', join(world.stateDir, 'people'));
    return world;
  }

  end(): void {
    vi.useRealTimers();
    discard(this.stateDir);
  }

  async with<T>(work: (platform: Embedded) => Promise<T>): Promise<T> {
    const platform = await createEmbeddedPlatform({ stateDir: this.stateDir, clock: this.clock, timer: false });
    try {
      return await work(platform);
    } finally {
      await platform.close();
    }
  }

  /** Closes a day as close-day does: so many Wh in every slot. @param part of the day, of the tenant's meter unless it says otherwise */
  async closed(day: string, wh: number, other: Partial<DayFrame> = {}, gap: readonly number[] = [], due = true): Promise<void> {
    const { start, end } = localDay(day, ZONE);
    const frame = { usagePoint: POINT, meterId: METER, day, part: 1, subject: ACCOUNT, start, end, minutes: 15, zone: ZONE, ...other };
    await this.with((platform) => closePart(platform.as, frame, wh, { gap, due }));
  }

  /** The same of a day that waits for what it lacks. */
  async provisional(day: string, wh: number, gap: readonly number[], other: Partial<DayFrame> = {}): Promise<void> {
    await this.closed(day, wh, other, gap, false);
  }

  async allClosed(wh = 10): Promise<void> {
    for (const day of DATES) await this.closed(day, wh);
  }

  /** The service goes on for so many hours: feeds, queues, and what the clock asks for. @returns what billing was told meanwhile */
  async serve(hours = 0): Promise<readonly Pick<BillingEvent, 'type' | 'data'>[]> {
    const service = await Service.boot({ stateDir: this.stateDir, clock: this.clock, timer: false });
    const told: BillingEvent[] = [];
    const { queues } = service.platform;
    const send = queues.send.bind(queues);
    vi.spyOn(queues, 'send').mockImplementation((queue, body) => {
      if (queue === 'billing') told.push(JSON.parse(body) as BillingEvent);
      return send(queue, body);
    });
    try {
      await service.settle();
      for (let half = 0; half < 2 * hours; half++) {
        vi.setSystemTime(Date.now() + HOUR / 2);
        await service.settle();
      }
      await service.settle();
    } finally {
      await service.close();
    }
    return told;
  }

  async state(name: string): Promise<MeterDayState> {
    return await this.with(async (platform) => {
      const auditor = platform.as('close-day');
      const access = await openDays(auditor, 'audit', [{ stream: `meterday/${name}` }]);
      return await foldDay(auditor, `meterday/${name}`, access);
    });
  }

  async day(name: string): Promise<OpenDay> {
    const state = await this.state(name);
    if (state.status === 'empty') throw new Error(`${name}: no day`);
    return state;
  }

  async days(...names: readonly string[]): Promise<readonly OpenDay[]> {
    const days: OpenDay[] = [];
    for (const name of names) days.push(await this.day(name));
    return days;
  }

  async events(name: string): Promise<readonly MeterDayEvent[]> {
    return await this.with(async (platform) => {
      const auditor = platform.as('close-day');
      const access = await openDays(auditor, 'audit', [{ stream: `meterday/${name}` }]);
      const commits = await Array.fromAsync(auditor.events.read(`meterday/${name}`, 0, access));
      return commits.flatMap((commit) => commit.events as readonly MeterDayEvent[]);
    });
  }

  /** Who opened subject data as a principal. */
  async accesses(principal: string): Promise<readonly DataAccessed[]> {
    return await this.with(async (platform) => {
      const { events } = platform.as('auditor');
      const found: DataAccessed[] = [];
      for await (const stream of events.streams('access/')) {
        if (!stream.endsWith(`.${principal}`)) continue;
        for await (const commit of events.read(stream)) for (const { data } of commit.events) found.push(data as DataAccessed);
      }
      return found;
    });
  }

  async bill(): Promise<BillState> {
    return await this.with(async (platform) =>
      (await openBilling(platform.as('billing'), [ACCOUNT], { from: '2026-10-01', until: '2026-11-01' })).bill(BILL),
    );
  }

  /** A supervisor lets October's bill go, by what holds it now. */
  async approve(who: readonly string[]): Promise<Said> {
    const { held } = await this.bill();
    const seen = held === undefined ? [] : ['--held-at', new Date(held.at).toISOString()];
    return await this.run('bill', 'approve', ACCOUNT, '--period', '2026-10', ...who, '--reason', 'seen', ...seen);
  }

  run(...words: readonly string[]): Promise<Said> {
    return runHere([...words, '--state', this.stateDir]);
  }
}

/** Commands in this process: what they print, and the exit code. */
async function runHere(words: readonly string[]): Promise<Said> {
  const program = new Command('joulekeep');
  const commands = [billCommand, certificateCommand, dayCommand, importCommand, pointCommand, settlementCommand, tenancyCommand];
  for (const make of commands) program.addCommand(make());
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();
  const said = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream === 'stdout' ? 'out' : 'err'] += String(text);
      return true;
    }),
  );
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else report(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const status = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { status, ...said };
}
