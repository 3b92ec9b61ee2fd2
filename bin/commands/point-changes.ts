import { Command, InvalidArgumentError } from 'commander';
import { meter } from '../../domain/enrolment/meter.ts';
import { multiplierAt } from '../../domain/usagepoint/queries.ts';
import type { AssetRecord, RegisterRead } from '../../events/index.ts';
import { TariffLibrary } from '../../lambdas/billing/tariff-library.ts';
import { Closer } from '../../lambdas/close-day/closer.ts';
import { recloseDays } from '../../lambdas/close-day/reclose.ts';
import { type Tally, zeroTally } from '../../lambdas/close-day/tally.ts';
import { previewPoint } from '../../lambdas/edit/preview-point.ts';
import { changePoint, usagePointState } from '../../lambdas/register/change-point.ts';
import { correctMultiplier } from '../../lambdas/register/correct-multiplier.ts';
import { exchangeBehind, exchangeCommands } from '../../lambdas/register/exchange-meter.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import type { ApiRole } from '../../topology/route.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { INSTANT_HELP, instantIn } from '../terminal/instants.ts';
import { asPerson, type PersonOptions, withPersonOptions } from '../terminal/person-options.ts';
import { changedText, pointPreviewText } from '../texts/point-text.ts';

const EVERYBODY: readonly ApiRole[] = ['operator', 'supervisor'];
/** Energy of final days changes without a second person. */
const SUPERVISOR: readonly ApiRole[] = ['supervisor'];
const PREVIEW: [string, string] = ['--preview', 'only say what it would do to energy and money'];

/** `joulekeep point tariff|multiplier|exchange`. */
export function pointChanges(): Command[] {
  return [tariffChange(), multiplierChange(), exchange()];
}

function tariffChange(): Command {
  const command = new Command('tariff')
    .description('from a local date on another tariff; bills that went out keep their prices until bill approve --reprice')
    .argument('<usagePoint>', 'id of the usage point')
    .argument('<tariff>', 'id of a published tariff')
    .requiredOption('--from <day>', 'first local date, e.g. 2026-03-01')
    .option(...PREVIEW)
    .option('--json', 'one JSON object');
  return withPersonOptions(command, EVERYBODY).action(assignTariff);
}

interface ChangeOptions extends PersonOptions {
  readonly preview?: true;
  readonly json?: true;
}

async function assignTariff(id: string, tariff: string, options: ChangeOptions & { from: string }): Promise<void> {
  const { from, preview } = options;
  await asPerson(options, EVERYBODY, async (platform, person) => {
    const { zone } = await usagePointState(platform.as('enrol'), id);
    if (!/^\d{4}-\d{2}-\d{2}$/.test(from)) throw new UsageError(`--from ${from}: a local date like 2026-03-01 is expected`);
    const since = instantIn(from, zone);
    const versions = await new TariffLibrary(platform.as('billing')).versions(tariff);
    if (!versions.some((version) => version.from <= from))
      throw new UsageError(`${tariff} has no version that holds on ${from}: its first begins on ${versions[0]!.from}`);
    const command = { type: 'AssignTariff', tariff, from, at: platform.as('enrol').clock.now() } as const;
    const change = { usagePoint: id, commands: [command], since, meterIds: [], repriced: true };
    if (preview) return say(pointPreviewText(await previewPoint(platform.as('editing'), person, change), options.json));
    const { state, events } = await changePoint(platform.as('enrol'), id, [command]);
    say(changedText({ state, changed: events.length > 0 }, options.json));
  });
}

interface MultiplierOptions extends ChangeOptions {
  readonly channel: number;
  readonly to: number;
  readonly from: string;
  readonly reason: string;
}

function multiplierChange(): Command {
  const command = new Command('multiplier')
    .description('correct what a count of a meter is worth: days from then on are stated again, one in which it begins is divided there')
    .argument('<usagePoint>', 'id of the usage point')
    .argument('<meter>', 'meter id, 16 hexadecimal digits')
    .requiredOption('--to <factor>', 'the right multiplier', factor)
    .requiredOption('--from <instant>', `valid from: ${INSTANT_HELP}`)
    .requiredOption('--reason <text>', 'why, for the record and for everybody who had the old value')
    .option('--channel <n>', 'number of the channel', wholeNumber(0, 15), 0)
    .option(...PREVIEW)
    .option('--json', 'one JSON object');
  return withPersonOptions(command, SUPERVISOR).action(changeMultiplier);
}

async function changeMultiplier(id: string, meterId: string, options: MultiplierOptions): Promise<void> {
  const { channel, to: multiplier, from, reason, preview, json } = options;
  if (reason.trim() === '') throw new UsageError('--reason says something');
  await asPerson(options, SUPERVISOR, async (platform, by) => {
    const point = await usagePointState(platform.as('enrol'), id);
    const correction = { meterId, channel, multiplier, validFrom: instantIn(from, point.zone), reason, by };
    checkWorth(point.installations.find((held) => held.meterId === meterId)?.asset, channel, multiplier);
    const commands = [{ type: 'CorrectMultiplier', ...correction, at: platform.as('enrol').clock.now() }] as const;
    const change = { usagePoint: id, commands, since: correction.validFrom, meterIds: [meterId], repriced: false };
    if (preview) return say(pointPreviewText(await previewPoint(platform.as('editing'), by, change), json));
    const before = multiplierAt(point, meterId, channel, correction.validFrom);
    const { state, events, realigned } = await correctMultiplier(principals(platform), id, correction);
    const restated = await reclosed(platform);
    say(changedText({ state, changed: events.length > 0, realigned, restated, ...(before !== undefined && { before }) }, json));
  });
}

interface ExchangeOptions extends ChangeOptions {
  readonly at: string;
  readonly final?: readonly RegisterRead[];
  readonly initial?: readonly RegisterRead[];
}

function exchange(): Command {
  const command = new Command('exchange')
    .description('one meter for another; days closed since are divided at it, and follow the usage point')
    .argument('<usagePoint>', 'id of the usage point')
    .argument('<old>', 'id of the meter that goes')
    .argument('<new>', 'id of the meter that comes: enrolled, and at no other usage point')
    .requiredOption('--at <instant>', `when: ${INSTANT_HELP}; where an interval of both begins`)
    .option('--final <counts>', 'registers of the old one then, a number per channel like 123456,77', registers)
    .option('--initial <counts>', 'registers of the new one then', registers)
    .option(...PREVIEW)
    .option('--json', 'one JSON object');
  return withPersonOptions(command, EVERYBODY).action(exchangeMeters);
}

async function exchangeMeters(id: string, oldId: string, newId: string, options: ExchangeOptions): Promise<void> {
  const { at, final = [], initial = [], preview, json } = options;
  await asPerson(options, EVERYBODY, async (platform, person) => {
    const point = await usagePointState(platform.as('enrol'), id);
    const until = instantIn(at, point.zone);
    const old = { meterId: oldId, until, registers: final };
    const next = { meterId: newId, asset: await assetOf(platform, newId), registers: initial };
    const commands = exchangeCommands(old, next, platform.as('enrol').clock.now());
    const change = { usagePoint: id, commands, since: until, meterIds: [oldId, newId], repriced: false };
    if (preview) return say(pointPreviewText(await previewPoint(platform.as('editing'), person, change), json));
    const { state, events, realigned, moving } = await exchangeBehind(principals(platform), id, [old, next], person);
    say(changedText({ state, changed: events.length > 0, realigned, restated: await reclosed(platform), moving }, json));
  });
}

/** Billing counts in whole units. */
function checkWorth(asset: AssetRecord | undefined, channel: number, multiplier: number): void {
  const scale = asset?.channels[channel]?.scale ?? 1;
  if (!Number.isSafeInteger(scale * multiplier))
    throw new UsageError(
      `--to ${multiplier}: a count would be worth ${scale * multiplier} units, and has to be worth a whole number of them`,
    );
}

async function assetOf(platform: Embedded, meterId: string): Promise<AssetRecord> {
  const { state } = await foldStream(platform.as('enrol').events, `meter/${meterId}`, meter);
  if (state.status === 'unknown') throw new UsageError(`${meterId}: no such meter is enrolled`);
  return state.asset;
}

function principals(platform: Embedded) {
  return { register: platform.as('enrol'), days: platform.as('close-day') };
}

/** What was noted for closing is closed at once. */
async function reclosed(platform: Embedded): Promise<Tally> {
  const closing = platform.as('close-day');
  const tally = zeroTally();
  await recloseDays(closing, new Closer(closing, ALL_DEFENCES), tally);
  return tally;
}

function say(text: string): void {
  process.stdout.write(text);
}

function factor(text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text) || value <= 0) throw new InvalidArgumentError('a number above 0 is expected.');
  return value;
}

function registers(text: string): readonly RegisterRead[] {
  if (!/^\d{1,12}(,\d{1,12})*$/.test(text)) throw new InvalidArgumentError('counts like 123456,77 are expected.');
  return text.split(',').map((counts, channel) => ({ channel, counts: Number(counts) }));
}
