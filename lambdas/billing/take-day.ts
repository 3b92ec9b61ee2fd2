import { addDays } from '../../domain/tariff/dates.ts';
import { BILLING_DAY, BILLING_TYPE, type BillingEvent } from '../../events/catalogue/billing.ts';
import { JoulekeepError, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { rerateForRestatement } from './bill-period.ts';
import { billStreams, openBilling } from './open-billing.ts';

/**
 * One integration event: every bill that stands on the day, or waits for it, is rated again as a whole. A day that no bill
 * covers yet waits for its period's run, and nothing of it is opened.
 * @throws ERR_BILLING_EVENT for what is no such event
 */
export async function takeDay(platform: Platform, body: string): Promise<void> {
  const { type, data } = parse(body);
  const { usagePoint, account, day } = data;
  if (account === UTILITY) return;
  const prefix = `bill/${account}/${usagePoint}.`;
  const begun = (await billStreams(platform, account)).some((stream) => stream.startsWith(prefix) && stream.slice(prefix.length) <= day);
  if (!begun) return;
  const sources = await openBilling(platform, [account], { from: day, until: addDays(day, 1) });
  const reason = type === BILLING_TYPE.restated ? `day ${day} restated` : `day ${day} final`;
  await rerateForRestatement(sources, { usagePoint, account, day, reason });
}

function parse(body: string): BillingEvent {
  try {
    const event = JSON.parse(body) as BillingEvent;
    return { ...event, data: BILLING_DAY.parse(event.data) };
  } catch (cause) {
    throw new JoulekeepError('ERR_BILLING_EVENT', 'not an integration event for billing', { cause });
  }
}
