import type { Preview } from '../../api/edits.ts';
import type { BillingInput } from '../../domain/billing/billing-input.ts';
import { type PeriodDates, periodOf } from '../../domain/billing/period-calendar.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { standingOf } from '../../domain/meterday/outcome.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { JoulekeepError, UTILITY } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { billStream } from '../billing/bill-stream.ts';
import { type BillRequest, gather, mayHold, openLedger } from '../billing/gather.ts';
import { openBilling } from '../billing/open-billing.ts';
import { standing } from '../billing/recorded-days.ts';
import type { BillingSources, RecordedDay } from '../billing/sources.ts';
import { meterDayStream } from '../shared/days/local-days.ts';

type MoneyPart = Pick<Preview, 'money' | 'noMoneyBecause'>;

/** What the period of a day costs with the day as it is and as it would be, final both times; nothing is recorded. */
export async function moneyDifference(platform: Platform, { person }: Principal, before: OpenDay, after: OpenDay): Promise<MoneyPart> {
  const { subject, usagePoint, day } = before.frame;
  if (subject === UTILITY) return { noMoneyBecause: 'NO_ACCOUNT' };
  try {
    const sources = await openBilling(platform, [subject], periodOf(day, 1), { purpose: 'editing', person });
    const request = { account: subject, usagePoint, ...(await periodFor(sources, subject, usagePoint, day)) };
    return { money: await difference(sources, request, before, after) };
  } catch (error) {
    // No tariff, no tenancy, no such usage point: the edit can be made all the same.
    if (!(error instanceof JoulekeepError) || error.retryable) throw error;
    return { noMoneyBecause: error.code };
  }
}

/** The period of the bill that the day is in; before there is one, the calendar month. */
async function periodFor(sources: BillingSources, account: string, usagePoint: string, day: string): Promise<PeriodDates> {
  for (const from of await sources.firstDays(account, usagePoint)) {
    if (!mayHold(from, day)) continue;
    const { billed, held } = await sources.bill(billStream({ account, usagePoint, from }));
    const period = billed?.statement.period ?? held?.period;
    if (period !== undefined && period.from <= day && day < period.until) return { from: period.from, until: period.until };
  }
  return periodOf(day, 1);
}

async function difference(
  sources: BillingSources,
  request: BillRequest,
  before: OpenDay,
  after: OpenDay,
): Promise<NonNullable<Preview['money']>> {
  const days = new Map<string, RecordedDay | undefined>();
  const remembered: BillingSources = {
    ...sources,
    days: async (places) => {
      const missing = places.filter(({ stream }) => !days.has(stream));
      for (const [i, day] of (await sources.days(missing)).entries()) days.set(missing[i]!.stream, day);
      return places.map(({ stream }) => days.get(stream));
    },
  };
  const ledger = await openLedger(remembered, request);
  const rate = (input: BillingInput) => ratePeriod(ledger.state.billed === undefined ? ofFinalDays(input) : input).statement;
  const was = rate(await gather(withDay(remembered, before), request, ledger));
  const input = await gather(withDay(remembered, after), request, ledger);
  const will = rate(input);
  return {
    currency: will.currency,
    from: request.from,
    until: request.until,
    beforeMicro: was.totalMicro,
    afterMicro: will.totalMicro,
    differenceMicro: String(BigInt(will.totalMicro) - BigInt(was.totalMicro)),
    notFinal: input.notFinal,
  };
}

/**
 * Before there is a bill: the days that are final by themselves. What a bill on estimates puts in place of the others it takes from
 * these, and would show one edit many times over.
 */
export function ofFinalDays(input: BillingInput): BillingInput {
  return { ...input, days: input.days.filter(({ revision }) => revision > 0) };
}

/** The sources with one day in the place of the recorded one, final. */
function withDay(sources: BillingSources, day: OpenDay): BillingSources {
  const { meterId, day: date, part, start, end } = day.frame;
  const stream = meterDayStream(meterId, date, part);
  const outcome = { revision: Math.max(1, day.revision), ...standingOf(day, day.channels, true), at: 0 };
  const stands = standing({ ...day, outcome, final: true });
  return {
    ...sources,
    days: async (places) => {
      const recorded = await sources.days(places);
      return places.map((place, i) => (place.stream === stream && place.start === start && place.end === end ? stands : recorded[i]));
    },
  };
}
