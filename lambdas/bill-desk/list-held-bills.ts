import type { HeldBills } from '../../api/held-bills.ts';
import { addDays, addMonths } from '../../domain/tariff/dates.ts';
import type { BillHeld, HeldRating } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { billStream } from '../billing/bill-stream.ts';
import { isRecorded, readBill } from '../billing/open-billing.ts';
import { waitingBills } from '../billing/waiting-bills.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';

/** Opened at once, and shown: whose bills are looked at is on record, so that nobody is opened who is not shown. */
const MOST = 100;

interface Waiting {
  readonly account: string;
  readonly usagePoint: string;
  readonly from: string;
  readonly until: string;
}

/** Bills that wait, the oldest periods first. Which there are says the directory; why each waits its own stream, opened on record. */
export async function listHeldBills(platform: Platform, { caller }: Call<'listHeldBills'>): Promise<Answer> {
  const waiting = await recordedOf(platform);
  const shown = waiting.slice(0, MOST);
  if (shown.length === 0) return { body: { bills: [], more: 0 } satisfies HeldBills };
  const access = await openSubjectData(platform, {
    ...{ purpose: 'billing', person: caller.person, subjects: [...new Set(shown.map(({ account }) => account))] },
    from: Date.parse(`${addMonths(shown[0]!.from, -1)}T00:00:00Z`),
    until: Date.parse(`${addDays(shown.at(-1)!.from, 400)}T00:00:00Z`),
  });
  const bills: HeldBills['bills'] = [];
  for (const one of shown) {
    const state = await readBill(platform, access, billStream(one));
    // Behind a restore what went out waits as well, until it was looked at once more.
    if (state.held !== undefined) bills.push(rowOf(one, state.held, state.billed !== undefined));
  }
  return { body: { bills, more: waiting.length - shown.length } satisfies HeldBills };
}

/** What could not be rated waits as well, and there is nothing of it that a person could let go: nobody is opened for it. */
async function recordedOf(platform: Platform): Promise<readonly Waiting[]> {
  const groups = await waitingBills(platform);
  const all = groups.flatMap(({ period, targets }) => targets.map((target): Waiting => ({ ...period, ...target })));
  const recorded = await Promise.all(all.map((one) => isRecorded(platform, billStream(one))));
  return all.filter((_one, i) => recorded[i]).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

function rowOf({ account, usagePoint, from }: Waiting, held: BillHeld, billed: boolean): HeldBills['bills'][number] {
  const { reasons, missing, failed, estimatedShare, until, at, period, rated } = held;
  return {
    ...{ account, usagePoint, bill: `${usagePoint}.${from}`, from, until: period.until, reasons: [...reasons] },
    ...{ missing, failed, estimatedShare: Math.round(estimatedShare), heldAt: instant(at), outAt: instant(until), billed },
    ...(rated === undefined ? {} : ratingOf(rated)),
  };
}

function ratingOf({ currency, totalMicro, importWh, exportWh, withDemand }: HeldRating): Partial<HeldBills['bills'][number]> {
  const estimated = withDemand === undefined ? {} : { withDemandMicro: withDemand.totalMicro };
  return {
    currency,
    totalMicro,
    ...estimated,
    ...(importWh === undefined ? {} : { importWh }),
    ...(exportWh === undefined ? {} : { exportWh }),
  };
}
