import type { BillProof } from '../../api/bill-proof.ts';
import { type OpenedCommit, openCommit, trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import { billedDays } from '../../bin/proof/proven-days.ts';
import { billedTariffs } from '../../bin/proof/proven-lines.ts';
import type { Trust } from '../../bin/proof/trust.ts';
import type { RatedDay } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed, BillEvent, DayFrame, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { localMinutesOf } from '../../lambdas/billing/local-minutes.ts';
import { standing } from '../../lambdas/billing/recorded-days.ts';
import type { SubjectKey } from '../../platform/ports/event-store.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { idOf } from '../contract/support/events.ts';
import { accountOf, billOf, HOMES, type ProofWorld } from './proof-world.ts';

/** Records as a utility could that holds every key. */
export async function record(world: ProofWorld, principal: string, stream: string, events: readonly DomainEvent[], subject?: SubjectKey) {
  const store = world.platform.as(principal).events;
  const head = await store.head(stream, subject);
  await store.append(head, { commitId: idOf(`${stream} false ${head.version}`), events, ...(subject && { subject }) }).durable;
}

export async function recorded<Event>(world: ProofWorld, principal: string, stream: string): Promise<Event[]> {
  const window = { principal, purpose: 'audit', from: 0, until: Date.UTC(2100, 0, 1) } as const;
  const access = grantSubjectAccess(window, HOMES.map(accountOf));
  const commits = await Array.fromAsync(world.platform.as(principal).events.read(stream, 0, access));
  return commits.flatMap(({ events }) => events as unknown as Event[]);
}

export async function issuedTo(world: ProofWorld, home: string): Promise<BillComputed> {
  const [issued] = await recorded<BillEvent>(world, 'billing', billOf(home));
  if (issued?.type !== 'BillComputed') throw new Error(`${home}: ${issued?.type}`);
  return issued.data;
}

/** What another bill is made of. */
export interface FalseBill {
  /** Of whose days, genuine and sealed. */
  readonly source: string;
  readonly account: string;
  readonly usagePoint: string;
  /** What is said of each day besides. */
  readonly frame?: Partial<DayFrame>;
  readonly change?: (event: MeterDayEvent) => MeterDayEvent;
}

/**
 * Genuine days put under another customer's key, as if a tenancy had been corrected, and a bill of them that follows from them to the last micro: sealed
 * by the meter, in the log, rated by the published tariff. @returns the stream of the bill
 */
export async function recordFalseBill(
  world: ProofWorld,
  { source, account, usagePoint, frame, change = (event) => event }: FalseBill,
): Promise<string> {
  const genuine = await issuedTo(world, source);
  const inputs: BillComputed['inputs'][number][] = [];
  for (const { stream, revision } of genuine.inputs) {
    const facts = await recorded<MeterDayEvent>(world, 'close-day', stream);
    const collected = facts.find(({ type }) => type === 'ReadingsCollected') as Extract<MeterDayEvent, { type: 'ReadingsCollected' }>;
    const own = { ...collected.data.frame, part: 2, subject: account, usagePoint, ...frame };
    const past = facts.filter(({ type }) => type !== 'DayFinalized').map(change);
    const outcome = facts.filter(({ type }) => type === 'DayFinalized').map(change);
    const resealed: MeterDayEvent = { type: 'DayResealed', data: { frame: own, history: past, reason: 'tenancy', at: 1 } };
    const subject = { of: 'usage', subject: account, month: own.day.slice(0, 7) } as const;
    await record(world, 'close-day', `${stream}.2`, [resealed, ...outcome], subject);
    inputs.push({ stream: `${stream}.2`, revision });
  }
  const period = { ...genuine.period, accountId: account, usagePoint };
  return await recordBill(world, { ...genuine, period, inputs });
}

/** @returns the stream of the bill */
export async function recordBill(world: ProofWorld, bill: BillComputed): Promise<string> {
  const { accountId, usagePoint, from } = bill.period;
  const stream = `bill/${accountId}/${usagePoint}.${from}`;
  const again = { ...bill, beforeMicro: bill.totalMicro, differenceMicro: '0', reason: 'again' };
  const issued: BillEvent = bill.revision > 1 ? { type: 'BillRerated', data: again } : { type: 'BillComputed', data: bill };
  await record(world, 'billing', stream, [issued], { of: 'billing', subject: accountId });
  return stream;
}

/** How a bill is rated otherwise than it was. */
export interface Rerating {
  readonly change?: (bill: BillComputed) => BillComputed;
  /** Which of its days stay in it. */
  readonly keep?: (stream: string) => boolean;
}

/** The bill of a proof, changed and rated again from the days and tariffs in it, so that every line follows. @throws where it can't be rated */
export function ratedFrom(proof: BillProof, trust: Trust, { change = (bill) => bill, keep = () => true }: Rerating = {}): BillComputed {
  const head = trustedCheckpoint(proof, trust);
  const bill = change(openCommit(proof.bill, head).events.at(-1)!.data as BillComputed);
  const opened = (commits: BillProof['days']) => commits.map((one) => openCommit(one, head));
  const rated = daysToRate(bill, opened(proof.days));
  const tariffs = billedTariffs(bill, opened(proof.tariffs), proof.series);
  const { statement } = ratePeriod(inputOf(bill, { days: rated.filter(({ stream }) => keep(stream)), tariffs }));
  return { ...bill, ...statement };
}

/** The last bill of a home, changed and rated again from its own days. @param keep which of them stay in it */
export async function ratedAnew(
  world: ProofWorld,
  home: string,
  change: Rerating['change'] = (bill) => bill,
  keep: Rerating['keep'] = () => true,
): Promise<BillComputed> {
  await world.log();
  return ratedFrom(JSON.parse(await world.prove(home)) as BillProof, await world.trust(), { change, keep });
}

/** Days of a bill as its rating takes them. */
export function daysToRate(bill: BillComputed, opened: readonly OpenedCommit[]): readonly RatedDay[] {
  return billedDays(bill, opened).map(({ stream, state }) => {
    const { day, start, minutes } = state.frame;
    const { revision, held, channels } = standing(state)!;
    const localMinutes = localMinutesOf(start, state.slots, minutes, bill.basis!.zone);
    const values = channels.map(({ asset: { obis, direction, unit }, ...rest }) => ({ obis, direction, unit, ...rest }));
    return { stream, day, start, minutes, revision, held, localMinutes, channels: values };
  });
}
