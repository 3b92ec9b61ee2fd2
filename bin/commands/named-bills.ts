import type { BillState } from '../../domain/billing/bill.ts';
import { addMonths } from '../../domain/tariff/dates.ts';
import { billNamed, type NamedBill } from '../../lambdas/billing/bill-stream.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import type { BillingSources } from '../../lambdas/billing/sources.ts';
import type { Platform } from '../../platform/ports/platform.ts';

/** A bill as it stands. */
export interface ReadBill extends NamedBill {
  readonly stream: string;
  readonly state: BillState;
}

/** Bills of an account, read behind one recorded access. @param streams of bills, at least one */
export async function readBills(
  platform: Platform,
  account: string,
  streams: readonly string[],
  reader: NonNullable<Parameters<typeof openBilling>[3]>,
): Promise<{ readonly sources: BillingSources; readonly bills: readonly ReadBill[] }> {
  const begins = streams.map((stream) => billNamed(stream).from).sort();
  const window = { from: begins[0]!, until: addMonths(begins.at(-1)!, 1) };
  const sources = await openBilling(platform, [account], window, reader);
  const bills = await Promise.all(streams.map(async (stream) => ({ stream, ...billNamed(stream), state: await sources.bill(stream) })));
  return { sources, bills };
}
