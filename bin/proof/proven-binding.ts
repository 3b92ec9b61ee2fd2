import { multipliersOf } from '../../domain/usagepoint/day-parts.ts';
import { multiplierOf, worthChanges } from '../../domain/usagepoint/multipliers.ts';
import { installationAt } from '../../domain/usagepoint/queries.ts';
import type { BillComputed, BillRerated, BillStatement, Channel } from '../../events/index.ts';
import type { BindingStreams, ShownStream } from './binding-streams.ts';
import { ProofFault } from './proof-fault.ts';
import type { BilledDay } from './proven-days.ts';
import type { Question, Shows, Withheld } from './question.ts';
import { checkStatements } from './stated-point.ts';
import { tariffQuestions } from './tariff-questions.ts';
import { checkCharged, tenancyQuestions } from './tenancy-questions.ts';
import { lastStatement, type ToldBinding, toldBindings } from './told-binding.ts';
import { uncoveredTime } from './uncovered-time.ts';
import { type UnreadPart, unreadDays } from './unread-days.ts';

/** How the days of a bill stand to the customer who is to pay it. */
export interface BindingReport {
  /** What the customer's commits do not show, or say otherwise by now. */
  readonly onWord: readonly BindingWord[];
  /** Of the usage point, what is not shown because the account was told what it comes to; absent where all is shown. */
  readonly told?: ToldPoint;
}

export interface ToldPoint {
  /** Up to this version of the usage point the account was told. */
  readonly through: number;
  /** Of the commits up to there that are withheld, and any that could lie among them. */
  readonly versions: readonly number[];
}

export interface BindingWord {
  /** A stream, a tariff, or a time from instant to instant. */
  readonly about: string;
  /**
   * `hidden`: what would show it may be in commits that are withheld. `amended`: so it was when the bill went out, or the day, and is said otherwise
   * since. `earlier`: so it was at some time before a bill that was rated again, which keeps what it stood on. `later`: it is said only since the bill
   * went out. `uncovered`: it is charged, and the bill has no day of it; `unread`: nor of this one, which was not final. `withheld`: all is shown, and
   * commits that are withheld may take it back.
   */
  readonly why: 'hidden' | 'amended' | 'earlier' | 'later' | 'uncovered' | 'unread' | 'withheld';
  /** Of the commits that are withheld, and any that could lie among them. */
  readonly versions?: readonly number[];
}

/**
 * Holds a bill against what account and usage point say: that the tenancy covers it, that each day's meter hung there, that its channels are those of
 * the meter and their counts worth what the record says, and that zone and tariffs are those of the usage point.
 * @param billedAt when the bill was recorded, UTC ms @throws ProofFault
 */
export function checkBinding(
  bill: BillComputed | BillRerated,
  billedAt: number,
  days: readonly BilledDay[],
  streams: BindingStreams,
): BindingReport {
  const told = toldBindings(streams, bill.period);
  const onWord: BindingWord[] = [];
  const unread = unreadDays(bill, days);
  const through = toldThrough(streams, bill.period);
  const open = { account: streams.account.withheld, point: streams.point.withheld.filter((version) => version > through) };
  checkStatements(streams, bill.period);
  const questions = [
    zoneQuestion(bill, open),
    ...tenancyQuestions(bill, open),
    ...days.flatMap((day) => dayQuestions(bill, day, open)),
    ...unread.map((day) => unreadQuestion(bill, day, open)),
    ...tariffQuestions(bill, open),
  ];
  for (const question of questions) {
    const why = answerTo(question, told, billedAt);
    const { about } = question;
    if (why !== undefined && !onWord.some((one) => one.about === about && one.why === why)) onWord.push({ about, why });
  }
  checkCharged(bill);
  const withheld = [...withheldOf(streams.account, open.account), ...withheldOf(streams.point, open.point)];
  const hung = [stoodAt(told, billedAt), told.at(-1)!].flatMap(({ point }) => point.installations);
  const versions = streams.point.withheld.filter((version) => version <= through);
  return {
    onWord: [...onWord, ...uncoveredTime(bill, days, unread, hung), ...withheld],
    ...(versions.length === 0 ? {} : { told: { through, versions } }),
  };
}

/** Up to which version of the usage point the account was told all of it, -1 for none. */
function toldThrough({ account, point }: BindingStreams, { usagePoint }: BillStatement['period']): number {
  const through = lastStatement(account.opened, usagePoint)?.through ?? -1;
  // Of a commit that is withheld nobody knows how many events it has.
  if (point.last < through && (point.last < 0 || point.withheld.at(-1) !== point.last))
    throw new ProofFault('chain', `${point.stream}: it ends before version ${through}, which the account knows of`);
  return through;
}

/** It must be so now, and have been so when the bill went out. */
function answerTo(
  { shows, takenAt = 0, everBefore, thenAlone = false, withheld, lacks }: Question,
  told: readonly ToldBinding[],
  billedAt: number,
) {
  const stood = (at: number) => shows(stoodAt(told, at));
  const now = shows(told.at(-1)!);
  if (stood(billedAt)) return now || thenAlone ? undefined : 'amended';
  if (now) return 'later';
  if (takenAt > 0 && takenAt <= billedAt && stood(takenAt)) return 'amended';
  if (everBefore && told.some((one) => one.recordedAt <= billedAt && shows(one))) return 'earlier';
  if (withheld.length > 0) return 'hidden';
  throw new ProofFault('binding', lacks);
}

function stoodAt(told: readonly ToldBinding[], at: number): ToldBinding {
  return told.findLast(({ recordedAt }) => recordedAt <= at)!;
}

function withheldOf({ stream }: ShownStream, versions: readonly number[]): readonly BindingWord[] {
  return versions.length === 0 ? [] : [{ about: stream, why: 'withheld', versions }];
}

/** Prices, days and dates go by it. A usage point keeps its zone; to whom its opening is not shown, its days say it, which the meter sealed by it. */
function zoneQuestion({ period: { usagePoint }, basis }: BillStatement, open: Withheld): Question {
  const { zone } = basis!;
  const shows: Shows = ({ point }) => point.zone === '' || point.zone === zone;
  const about = `usagepoint/${usagePoint}`;
  return { about, lacks: `${about}: its time is not that of ${zone}, by which the bill goes`, shows, withheld: open.point };
}

function dayQuestions({ period, spans = [], basis }: BillStatement, { stream, state, recordedAt }: BilledDay, open: Withheld): Question[] {
  const { usagePoint, meterId, start, end, zone } = state.frame;
  if (usagePoint !== period.usagePoint) throw new ProofFault('binding', `${stream}: the day is of ${usagePoint}`);
  if (zone !== basis!.zone) throw new ProofFault('binding', `${stream}: the day goes by ${zone}, and the bill by ${basis!.zone}`);
  if (!spans.some(({ from, until }) => from <= start && end <= until))
    throw new ProofFault('binding', `${stream}: the day is not of the time that is charged`);
  const held = ({ point }: ToldBinding) => installationAt(point, meterId, start * 1000);
  const hung: Shows = (told) => (held(told)?.until ?? Infinity) >= end * 1000 && held(told) !== undefined;
  const own: Shows = (told) => hasChannels(state, held(told)?.asset.channels ?? []);
  const worth: Shows = (told) => {
    const channels = held(told)?.asset.channels ?? [];
    const known = multipliersOf(told.point, meterId);
    const divided = worthChanges(channels, known).every((at) => at <= start * 1000 || end * 1000 <= at);
    return (
      divided &&
      channels.every((asset, number) => state.channels[number]?.perCount === asset.scale * multiplierOf(asset, number, known, start * 1000))
    );
  };
  const common = { about: stream, withheld: open.point };
  return [
    { ...common, lacks: `${stream}: meter ${meterId} did not hang at ${usagePoint} then`, shows: hung },
    { ...common, lacks: `${stream}: its channels are not those of its meter at ${usagePoint}`, shows: own },
    // A day keeps what its counts were worth until it is stated again.
    { ...common, lacks: `${stream}: its counts are worth something else at ${usagePoint}`, shows: worth, takenAt: recordedAt },
  ];
}

/** What was not final was of a meter that hung there, and of its channels. */
function unreadQuestion({ period: { usagePoint } }: BillStatement, day: UnreadPart, open: Withheld): Question {
  const { stream, meterId, start, end } = day;
  const shows: Shows = ({ point }) => {
    const held = installationAt(point, meterId, start * 1000);
    return held !== undefined && (held.until ?? Infinity) >= end * 1000 && sameChannels(day.channels, held.asset.channels);
  };
  return {
    about: stream,
    lacks: `${stream}: such a meter did not hang at ${usagePoint} on the day that was not final`,
    shows,
    withheld: open.point,
  };
}

/** All of the meter's channels are there, with records or without, and no others. */
function hasChannels({ channels }: BilledDay['state'], known: readonly Channel[]): boolean {
  return sameChannels(
    channels.map((one) => one?.asset),
    known,
  );
}

type ChannelName = Pick<Channel, 'obis' | 'direction' | 'unit'>;

function sameChannels(channels: readonly (ChannelName | undefined)[], known: readonly Channel[]): boolean {
  if (channels.length !== known.length) return false;
  return known.every(({ obis, direction, unit }, number) => {
    const one = channels[number];
    return one?.obis === obis && one.direction === direction && one.unit === unit;
  });
}
