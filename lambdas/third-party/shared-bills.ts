import type { BillStatement } from '../../events/index.ts';
import type { SharedBill } from '../../exchange/usage/shared-usage.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { localDay } from '../shared/days/local-days.ts';
import type { Span } from './buckets.ts';
import { type Pseudonyms, periodOf } from './pseudonyms.ts';

export interface BillsRequest {
  readonly account: string;
  readonly usagePoint: string;
  readonly zone: string;
  readonly window: Span;
  /** Bills whose period begins in it. */
  readonly part: Span;
}

/** Streams of bills whose period begins in the part. */
export async function billStreamsOf({ events }: Platform, { account, usagePoint, zone, part }: BillsRequest): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const stream of events.streams(`bill/${account}/${usagePoint}.`)) {
    const begin = localDay(stream.slice(-10), zone).start * 1000;
    if (begin >= part.from && begin < part.until) found.push(stream);
  }
  return found;
}

/** Bills as they last went out, of periods that lie in the window as a whole; what is held is nobody's yet. Of a bill its total and its energy. */
export async function sharedBills(
  { events }: Platform,
  streams: readonly string[],
  { usagePoint, zone, window }: BillsRequest,
  pseudonyms: Pseudonyms,
  access: SubjectAccess,
): Promise<SharedBill[]> {
  const found: SharedBill[] = [];
  for (const stream of streams) {
    let billed: (BillStatement & { readonly at: number }) | undefined;
    for await (const commit of events.read(stream, 0, access))
      for (const { type, data } of commit.events) if (type === 'BillComputed' || type === 'BillRerated') billed = data;
    if (billed === undefined) continue;
    const { period, currency, totalMicro, importWh = '0', at } = billed;
    const [start, end] = [localDay(period.from, zone).start, localDay(period.until, zone).start];
    if (start * 1000 < window.from || end * 1000 > window.until) continue;
    const id = await pseudonyms.of('usage-point', usagePoint, periodOf(period.from));
    const issuedAt = Math.floor(at / 1000);
    found.push({ usagePoint: id, start, end, currency, totalMicro, importWh: Number(importWh), issuedAt });
  }
  return found;
}
