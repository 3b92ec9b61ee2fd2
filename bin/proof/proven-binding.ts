import { daysOf } from '../../domain/billing/period-calendar.ts';
import { multipliersOf } from '../../domain/usagepoint/day-parts.ts';
import { multiplierOf } from '../../domain/usagepoint/multipliers.ts';
import { installationAt, tariffOn } from '../../domain/usagepoint/queries.ts';
import { partsBetween } from '../../domain/usagepoint/tenancy.ts';
import type { BillStatement } from '../../events/index.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import type { BindingStreams, ShownStream } from './binding-streams.ts';
import { ProofFault } from './proof-fault.ts';
import type { BilledDay } from './proven-days.ts';
import { lastStatement, type ToldBinding, toldBindings } from './told-binding.ts';

/** How the days of a bill stand to the customer who is to pay it. */
export interface BindingReport {
  /** What the customer's commits do not show, or say otherwise by now. */
  readonly onWord: readonly BindingWord[];
}

export interface BindingWord {
  /** A stream, or a tariff. */
  readonly about: string;
  /**
   * `hidden`: what would show it may be in commits that are withheld. `amended`: so it was when the bill went out, and is said otherwise since.
   * `withheld`: all is shown, and commits that are withheld may take it back.
   */
  readonly why: 'hidden' | 'amended' | 'withheld';
  /** Of the commits that are withheld. */
  readonly versions?: readonly number[];
}

type Shows = (told: ToldBinding) => boolean;

/** What is asked of the streams, and where an answer could be withheld. */
interface Question {
  readonly about: string;
  /** What is wrong where nothing shows it. */
  readonly lacks: string;
  readonly shows: Shows;
  /** A bill keeps what it stood on: it may have been so at any time before. */
  readonly everBefore?: true;
  readonly withheld: readonly number[];
}

/**
 * Holds a bill against what account and usage point say: that the tenancy covers it, that each day's meter hung there, that its counts are worth
 * what the record says, and that the tariffs are those of the usage point. @param billedAt when the bill was recorded, UTC ms @throws ProofFault
 */
export function checkBinding(bill: BillStatement, billedAt: number, days: readonly BilledDay[], streams: BindingStreams): BindingReport {
  const told = toldBindings(streams, bill.period);
  const onWord: BindingWord[] = [];
  const open = { account: streams.account.withheld, point: openVersions(streams, bill.period) };
  const questions = [
    ...tenancyQuestions(bill, open),
    ...days.flatMap((day) => dayQuestions(bill, day, open)),
    ...tariffQuestions(bill, open),
  ];
  for (const question of questions) {
    const why = answerTo(question, told, billedAt);
    if (why !== undefined) onWord.push({ about: question.about, why });
  }
  return { onWord: [...onWord, ...withheldOf(streams.account, open.account), ...withheldOf(streams.point, open.point)] };
}

/** Versions of the usage point that are withheld, and not among those that the account was told all of. */
function openVersions({ account, point }: BindingStreams, { usagePoint }: BillStatement['period']): readonly number[] {
  const through = lastStatement(account.opened, usagePoint)?.through ?? -1;
  // Of a commit that is withheld nobody knows how many events it has.
  if (point.last < through && (point.last < 0 || point.withheld.at(-1) !== point.last))
    throw new ProofFault('chain', `${point.stream}: it ends before version ${through}, which the account knows of`);
  return point.withheld.filter((version) => version > through);
}

interface Withheld {
  readonly account: readonly number[];
  readonly point: readonly number[];
}

function answerTo({ shows, everBefore, withheld, lacks }: Question, told: readonly ToldBinding[], billedAt: number) {
  if (shows(told.at(-1)!)) return undefined;
  const before = told.filter(({ recordedAt }) => recordedAt <= billedAt);
  if (everBefore ? before.some(shows) : shows(before.at(-1)!)) return 'amended';
  if (withheld.length > 0) return 'hidden';
  throw new ProofFault('binding', lacks);
}

function withheldOf({ stream }: ShownStream, versions: readonly number[]): readonly BindingWord[] {
  return versions.length === 0 ? [] : [{ about: stream, why: 'withheld', versions }];
}

/** Of the time that is charged, by the account's word and by that of the usage point. */
function tenancyQuestions({ period, spans = [] }: BillStatement, open: Withheld): readonly Question[] {
  const { accountId, usagePoint } = period;
  const [own, there] = [`account/${accountId}`, `usagepoint/${usagePoint}`];
  return spans.flatMap((span): Question[] => {
    const [from, until] = [span.from * 1000, span.until * 1000];
    const when = `from ${new Date(from).toISOString()} to ${new Date(until).toISOString()}`;
    const covers: Shows = ({ tenancy }) => tenancy.some((one) => one.from <= from && until <= (one.until ?? Infinity));
    const isTenant: Shows = ({ point }) => partsBetween(point.tenancy, from, until).every(({ subject }) => subject === accountId);
    return [
      { about: own, lacks: `${own}: it was no tenant of ${usagePoint} ${when}`, shows: covers, withheld: open.account },
      { about: there, lacks: `${there}: ${accountId} was not its tenant ${when}`, shows: isTenant, withheld: open.point },
    ];
  });
}

function dayQuestions({ period, spans = [] }: BillStatement, { stream, state }: BilledDay, open: Withheld): readonly Question[] {
  const { usagePoint, meterId, start, end } = state.frame;
  if (usagePoint !== period.usagePoint) throw new ProofFault('binding', `${stream}: the day is of ${usagePoint}`);
  if (!spans.some(({ from, until }) => from <= start && end <= until))
    throw new ProofFault('binding', `${stream}: the day is not of the time that is charged`);
  const held = ({ point }: ToldBinding) => installationAt(point, meterId, start * 1000);
  const hung: Shows = (told) => (held(told)?.until ?? Infinity) >= end * 1000 && held(told) !== undefined;
  const worth: Shows = (told) => {
    const channels = held(told)?.asset.channels;
    const known = multipliersOf(told.point, meterId);
    return state.channels.every((channel, number) => {
      const asset = channels?.[number];
      if (channel === undefined) return true;
      if (asset === undefined || asset.obis !== channel.asset.obis || asset.direction !== channel.asset.direction) return false;
      return asset.unit === channel.asset.unit && channel.perCount === asset.scale * multiplierOf(asset, number, known, start * 1000);
    });
  };
  const common = { about: stream, withheld: open.point };
  return [
    { ...common, lacks: `${stream}: meter ${meterId} did not hang at ${usagePoint} then`, shows: hung },
    { ...common, lacks: `${stream}: its counts are worth something else at ${usagePoint}`, shows: worth, everBefore: true },
  ];
}

/** On each day that is charged, the tariff that the usage point had. */
function tariffQuestions({ period, tariffs, spans = [], basis }: BillStatement, open: Withheld): readonly Question[] {
  const { zone } = basis!;
  const charged = daysOf(period).filter((day) => {
    const { start, end } = localDay(day, zone);
    return spans.some(({ from, until }) => from < end && start < until);
  });
  const byTariff = Map.groupBy(charged, (day) => tariffs.findLast(({ from }) => from <= day)?.tariff ?? '');
  return [...byTariff].map(([tariff, days]) => ({
    about: `tariff/${tariff}`,
    lacks: `tariff ${tariff} is not that of ${period.usagePoint} on every day that it is charged for`,
    shows: ({ point }) => days.every((day) => tariffOn(point, day) === tariff),
    everBefore: true,
    withheld: open.point,
  }));
}
