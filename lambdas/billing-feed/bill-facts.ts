import { bandOf, type FeedStatement } from '../../events/catalogue/feed-item.ts';
import type { BillComputed, BillRerated, DomainEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';

/** A bill that went out or was rated again, where it stands. */
export interface BillFact {
  readonly stream: string;
  readonly version: number;
  readonly event: Extract<DomainEvent, { readonly type: 'BillComputed' | 'BillRerated' }>;
}

/** What a stream of bills says was sent out, from a version on. Nothing of one whose subject was erased. */
export async function billFacts(
  { events }: Pick<Platform, 'events'>,
  stream: string,
  access: SubjectAccess,
  from = 0,
): Promise<readonly BillFact[]> {
  const facts: BillFact[] = [];
  for await (const commit of events.read(stream, from, access))
    for (const [i, event] of commit.events.entries())
      if (event.type === 'BillComputed' || event.type === 'BillRerated') facts.push({ stream, version: commit.version + i, event });
  return facts;
}

/** What the feed says of it; from the same fact always the same bytes. @param issuedAt UTC ms */
export function billContent(
  { stream, version, event }: BillFact,
  issuedAt: number,
): { readonly statement: FeedStatement; readonly body: Readonly<Record<string, unknown>> } {
  const { revision, period, estimatedPerMille } = event.data;
  const window = { from: Date.parse(`${period.from}T00:00:00Z`), until: Date.parse(`${period.until}T00:00:00Z`) };
  const quality = { measured: bandOf(1000 - estimatedPerMille), estimated: bandOf(estimatedPerMille), missing: bandOf(0) };
  const bill = statementOf(event.data);
  const change =
    event.type === 'BillRerated'
      ? { change: { beforeMicro: event.data.beforeMicro, differenceMicro: event.data.differenceMicro, reason: event.data.reason } }
      : {};
  return { statement: { issuedAt, revision, window, quality }, body: { kind: 'bill', fact: `${stream}/${version}`, bill, ...change } };
}

/** Members in an order of their own, so that the bytes don't depend on how the fact was written. Who let it go stays inside. */
function statementOf(data: BillComputed | BillRerated): Readonly<Record<string, unknown>> {
  const { period, currency, lines, totalMicro, importWh, exportWh, estimatedPerMille, onEstimates, tariffs } = data;
  return {
    period: { accountId: period.accountId, usagePoint: period.usagePoint, from: period.from, until: period.until },
    currency,
    lines: lines.map(({ code, quantity, unit, priceMicro, amountMicro, remainder, corrects, from, until }) => ({
      ...{ code, quantity, unit, priceMicro, amountMicro, remainder, corrects, from, until },
    })),
    ...{ totalMicro, importWh, exportWh, estimatedPerMille, onEstimates },
    tariffs: tariffs.map(({ tariff, version, from }) => ({ tariff, version, from })),
  };
}
