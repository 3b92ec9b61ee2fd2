import { Command } from 'commander';
import { type PriceZoneCommand, priceZone } from '../../domain/price/price-zone.ts';
import { TariffLibrary } from '../../lambdas/billing/tariff-library.ts';
import { signAhead } from '../../lambdas/prices/sign-ahead.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';
import { oneOf } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { shownIn } from '../terminal/instants.ts';
import { knownZone } from '../terminal/known-zone.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { counted } from '../texts/counted.ts';
import { moneyText } from '../texts/money-text.ts';

const STATE = ['--state <dir>', 'state directory of the service, which must not run'] as const;

/** `joulekeep price zone|approve|publish|show`. */
export function priceCommand(): Command {
  const zone = withPersonOptions(new Command('zone'), ['operator', 'supervisor'])
    .description('propose how a zone is priced; it waits for a second person')
    .argument('<zone>', 'letters, digits, - and _')
    .requiredOption('--tariff <id>', 'published tariff whose energy charges make the price')
    .requiredOption('--time-zone <name>', 'whose days the day-ahead tariff covers, e.g. Europe/London')
    .option('--minutes <n>', 'length of an interval', oneOf(5, 15, 30, 60), 30)
    .option('--spread <price>', 'how far a real-time price may be from the day-ahead one, in units of the currency per kWh', '0')
    .action(proposeZone);
  const approve = withPersonOptions(new Command('approve'), ['supervisor'])
    .description('put in force what somebody else proposed')
    .argument('<zone>')
    .action(approveZone);
  const publish = new Command('publish')
    .description('sign what is due now; a service that runs does so by itself')
    .argument('<zone>')
    .requiredOption(...STATE)
    .action(publishZone);
  const show = new Command('show')
    .description('what was signed last')
    .argument('<zone>')
    .requiredOption(...STATE)
    .action(showZone);
  return new Command('price')
    .description('signed prices of zones')
    .addCommand(zone)
    .addCommand(approve)
    .addCommand(publish)
    .addCommand(show);
}

interface ZoneOptions extends PersonOptions {
  readonly tariff: string;
  readonly timeZone: string;
  readonly minutes: number;
  readonly spread: string;
}

async function proposeZone(zone: string, { tariff, timeZone, minutes, spread, ...person }: ZoneOptions): Promise<void> {
  const spreadMicroPerKWh = microOf(spread);
  try {
    localDay('2026-01-01', timeZone);
  } catch {
    throw new UsageError(`--time-zone ${timeZone}: an IANA name like Europe/London is expected`);
  }
  await asPerson(person, ['operator', 'supervisor'], async (platform, by) => {
    await new TariffLibrary(platform.as('prices')).versions(tariff);
    const settings = { tariff, timeZone, minutes, spreadMicroPerKWh };
    await decide(platform.as('prices'), zone, { type: 'ProposeZone', zone, settings, by, at: Date.now() });
  });
  process.stdout.write(`zone ${zone} waits for approval by somebody else: joulekeep price approve ${zone}\n`);
}

async function approveZone(zone: string, person: PersonOptions): Promise<void> {
  await asPerson(person, ['supervisor'], (platform, by) =>
    decide(platform.as('prices'), zone, { type: 'ApproveZone', zone, by, at: Date.now() }),
  );
  process.stdout.write(`zone ${zone} is priced so from now on\n`);
}

async function publishZone(zone: string, { state }: { state: string }): Promise<void> {
  const { days, prices, refused, unpriced } = await withState(state, (platform) => signAhead(platform.as('prices'), zone));
  process.stdout.write(
    `zone ${zone}: ${counted(days, 'day-ahead tariff')} and ${counted(prices, 'price')} signed, ${refused} refused, ${counted(unpriced, 'day')} not priced yet\n`,
  );
}

async function showZone(zone: string, { state: directory }: { state: string }): Promise<void> {
  const state = await withState(directory, (platform) => knownZone(platform.as('prices'), zone));
  const { settings, proposal, latest, priceHead, tariffHead, days } = state;
  const lines = proposal === undefined ? [] : [`proposed by ${proposal.by}, not in force: ${JSON.stringify(proposal.settings)}`];
  if (settings !== undefined) {
    const { tariff, timeZone, minutes, spreadMicroPerKWh } = settings;
    lines.push(`tariff ${tariff}, intervals of ${minutes} minutes, ${timeZone}, spread ${moneyText(spreadMicroPerKWh)}`);
    lines.push(
      `day-ahead tariffs signed: ${tariffHead.seq}${days.length === 0 ? '' : `, the last from ${shownIn(days.at(-1)!.start * 1000, timeZone)}`}`,
    );
    lines.push(`prices signed: ${priceHead.seq}`);
    if (latest !== undefined) {
      const prices = latest.prices.map((price) => moneyText(BigInt(price))).join(', then ');
      lines.push(`from ${shownIn(latest.start * 1000, timeZone)}: ${prices} ${days.at(-1)?.currency ?? ''}/kWh before tax`);
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function decide({ events }: Platform, zone: string, command: PriceZoneCommand): Promise<void> {
  await runDecider(events, `price/${zone}`, priceZone, command);
}

/** @throws UsageError */
function microOf(price: string): string {
  const [, whole, decimals = ''] = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(price) ?? [];
  if (whole === undefined) throw new UsageError(`--spread ${price}: a price like 0.05 is expected`);
  return String(BigInt(whole + decimals.padEnd(6, '0')));
}
