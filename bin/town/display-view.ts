import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { followOnce } from '../../devices/home-display/follow.ts';
import { plainLine, sparkline, UNMEASURED } from '../../devices/home-display/terminal.ts';
import { priceZone } from '../../domain/price/price-zone.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { openProgram, publishDemandResponse } from '../../lambdas/prices/demand-response.ts';
import { localDayAt } from '../../lambdas/shared/days/local-days.ts';
import { foldStream, runDecider } from '../../lambdas/shared/streams.ts';
import { fetchFrom } from '../display/display-fetch.ts';
import { commissionDisplay, openDisplayHome } from '../display/display-home.ts';
import { displayIn } from '../display/display-screen.ts';
import type { Service } from '../service/service.ts';
import type { TownClock } from './clock.ts';

const ZONE = 'town';
/** Its tariff. */
export const DISPLAY_TARIFF = 'town-display';
const PROGRAM = 'evening';
const HALF_HOUR = 1_800_000;
/** Until before midnight: a day that nobody measured is not to be closed before the next play has measured it. */
const STEPS = 32;
/** Half-hours in which the display hears nothing. */
const SILENCE = [20, 21, 22, 23];

/** What a home's display showed over a day. */
export interface FollowedDay {
  readonly steps: number;
  readonly live: number;
  /** Steps without word of the service, each marked as not live. */
  readonly notLive: number;
  readonly decision: string;
  readonly lines: readonly string[];
}

/**
 * A home's display follows the price from the morning behind what was played until before midnight, over TLS at the customer door, and is
 * cut off for a while. Time is stepped by half-hours. @param timeZone of the town
 */
export async function followTown(service: Service, clock: TownClock, stateDir: string, timeZone: string): Promise<FollowedDay> {
  await priceTown(service, clock, timeZone);
  const directory = join(stateDir, 'town-display');
  // A new one each time: one of an older program would not start.
  rmSync(directory, { recursive: true, force: true });
  commissionDisplay(directory, service.platform);
  const home = openDisplayHome(directory);
  const display = displayIn(home, { zone: ZONE, programs: [PROGRAM], optOut: false }, clock);
  const fetch = fetchFrom(service.doors.customer!.url, home.ca);
  const seen: boolean[] = [];
  const lines: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    clock.step(clock.now() + HALF_HOUR);
    await service.settle();
    if (!SILENCE.includes(step)) await followOnce(display, fetch, ZONE, [PROGRAM]);
    const { decisions, reports } = display.memory;
    const shown = display.shown();
    seen.push(shown.live);
    const shedW = display.shed(UNMEASURED);
    const screen = { zone: ZONE, timeZone, now: display.now, shown, upcoming: display.upcoming(), decisions, reports, shedW };
    if (step === SILENCE[0]! - 1 || step === SILENCE.at(-1) || step === STEPS - 1) lines.push(plainLine(screen));
  }
  lines.push(`next 24 h ${sparkline(display.upcoming())}`);
  const live = seen.filter((one) => one).length;
  const [decision] = display.memory.decisions;
  return { steps: STEPS, live, notLive: STEPS - live, decision: decision?.outcome ?? 'none', lines };
}

export function writeFollowed({ steps, live, notLive, decision, lines }: FollowedDay, say: (line: string) => void): void {
  say('');
  say(
    `A home's display followed the signed price until the night: ${live} of ${steps} half-hours live, ${notLive} by the tariff of the day while it heard nothing;`,
  );
  say(`a wish for the evening: ${decision}`);
  for (const line of lines) say(`  ${line}`);
}

/** A zone with a tariff of its own, approved by a second person, and a wish for the evening. Again: only the wish is new. */
async function priceTown({ platform }: Service, clock: TownClock, timeZone: string): Promise<void> {
  const { start } = localDayAt(Math.floor(clock.now() / 1000), timeZone);
  const bands = [
    { band: 'night', perKWh: '0.12' },
    { band: 'day', perKWh: '0.21' },
    { band: 'peak', perKWh: '0.34' },
  ];
  const rules = [
    { band: 'night', when: { from: '23:00', until: '07:00' } },
    { band: 'peak', when: { from: '17:00', until: '20:00' } },
    { band: 'day' },
  ];
  const charges = [{ kind: 'energy', code: 'time-of-use', pricing: { kind: 'time-of-use', bands, rules } }];
  const tariff = { id: DISPLAY_TARIFF, name: 'Night, day and peak', currency: 'GBP', from: '2000-01-01', charges };
  await publishTariff(platform.as('billing'), { file: tariff.id, text: JSON.stringify(tariff) }, new Map());
  const prices = platform.as('prices');
  const settings = { tariff: tariff.id, timeZone, minutes: 30, spreadMicroPerKWh: '0' };
  const at = clock.now();
  const { state } = await foldStream(prices.events, `price/${ZONE}`, priceZone);
  if (state.settings === undefined) {
    await runDecider(prices.events, `price/${ZONE}`, priceZone, [
      { type: 'ProposeZone', zone: ZONE, settings, by: 'town-operator', at },
      { type: 'ApproveZone', zone: ZONE, by: 'town-supervisor', at },
    ]);
  }
  await openProgram(prices, PROGRAM, 'Less in the evening');
  const asked = { program: PROGRAM, id: 'first', name: 'peak of the evening', level: 2, minutes: 60, randomMinutes: 10 };
  await publishDemandResponse(prices, { ...asked, start: start * 1000 + 18 * 3_600_000 });
}
