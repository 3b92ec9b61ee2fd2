import { addDays } from '../../domain/tariff/dates.ts';
import { BILLING_DAY, BILLING_MOVE, BILLING_TYPE, type BillingDay, type BillingMove } from '../../events/catalogue/billing.ts';
import { JoulekeepError, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { rerateForRestatement } from './bill-period.ts';
import { billStreams, openBilling } from './open-billing.ts';
import { takeMove } from './take-move.ts';

/**
 * One integration event: every bill that stands on the day, or waits for it, is rated again as a whole. A day that no bill
 * covers yet waits for its period's run, and nothing of it is opened.
 * @throws ERR_BILLING_EVENT for what is no such event
 */
export async function takeDay(platform: Platform, body: string): Promise<void> {
  const event = parse(body);
  if (event.type === BILLING_TYPE.moved) await takeMove(platform, event.data);
  else await takeOutcome(platform, event.type, event.data);
}

async function takeOutcome(platform: Platform, type: string, { usagePoint, account, day }: BillingDay): Promise<void> {
  if (account === UTILITY) return;
  const prefix = `bill/${account}/${usagePoint}.`;
  const begun = (await billStreams(platform, account)).some((stream) => stream.startsWith(prefix) && stream.slice(prefix.length) <= day);
  if (!begun) return;
  const sources = await openBilling(platform, [account], { from: day, until: addDays(day, 1) });
  const reason = type === BILLING_TYPE.restated ? `day ${day} restated` : `day ${day} final`;
  await rerateForRestatement(sources, { usagePoint, account, day, reason });
}

type Parsed =
  | { readonly type: typeof BILLING_TYPE.moved; readonly data: BillingMove }
  | { readonly type: typeof BILLING_TYPE.finalized | typeof BILLING_TYPE.restated; readonly data: BillingDay };

function parse(body: string): Parsed {
  try {
    const { type, data } = JSON.parse(body) as Parsed;
    if (type === BILLING_TYPE.moved) return { type, data: BILLING_MOVE.parse(data) };
    return { type, data: BILLING_DAY.parse(data) };
  } catch (cause) {
    throw new JoulekeepError('ERR_BILLING_EVENT', 'not an integration event for billing', { cause });
  }
}
