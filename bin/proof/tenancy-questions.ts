import { partsBetween, spansOf } from '../../domain/usagepoint/tenancy.ts';
import type { BillStatement, TenancySpan } from '../../events/index.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { ProofFault } from './proof-fault.ts';
import type { Question, Shows, Withheld } from './question.ts';

/** Of the time that is charged, by the account's word and by that of the usage point; and of time that is left out, in which a credit could be. */
export function tenancyQuestions(bill: BillStatement, open: Withheld): readonly Question[] {
  const { period, spans = [] } = bill;
  const { accountId, usagePoint } = period;
  const [own, there] = [`account/${accountId}`, `usagepoint/${usagePoint}`];
  const charged = spans.flatMap((span): Question[] => {
    const [from, until] = [span.from * 1000, span.until * 1000];
    const when = `from ${new Date(from).toISOString()} to ${new Date(until).toISOString()}`;
    const covers: Shows = ({ tenancy }) => tenancy.some((one) => one.from <= from && until <= (one.until ?? Infinity));
    const isTenant: Shows = ({ point }) => partsBetween(point.tenancy, from, until).every(({ subject }) => subject === accountId);
    return [
      { about: own, lacks: `${own}: it was no tenant of ${usagePoint} ${when}`, shows: covers, withheld: open.account },
      { about: there, lacks: `${there}: ${accountId} was not its tenant ${when}`, shows: isTenant, withheld: open.point },
    ];
  });
  const whole: Shows = ({ tenancy }) => leftOut(bill, tenancy) === undefined;
  const wholeThere: Shows = ({ point }) => leftOut(bill, spansOf(point.tenancy, accountId, Number.MAX_SAFE_INTEGER)) === undefined;
  return [
    ...charged,
    {
      ...{ about: own, lacks: `${own}: it was the tenant of ${usagePoint} at a time of the period that the bill leaves out` },
      ...{ shows: whole, thenAlone: true, withheld: open.account },
    },
    {
      ...{ about: there, lacks: `${there}: ${accountId} was its tenant at a time of the period that the bill leaves out` },
      ...{ shows: wholeThere, thenAlone: true, withheld: open.point },
    },
  ];
}

/** What is charged is of the period. @throws ProofFault */
export function checkCharged(bill: BillStatement): void {
  const { period, spans = [] } = bill;
  const { begin, end } = boundsOf(bill);
  if (spans.some(({ from, until }) => from * 1000 < begin || until * 1000 > end))
    throw new ProofFault(
      'binding',
      `bill/${period.accountId}/${period.usagePoint}.${period.from}: it charges a time that is not of its period`,
    );
}

/** An instant of the tenancy within the period from which on nothing is charged, UTC ms. */
function leftOut(bill: BillStatement, tenancy: readonly TenancySpan[]): number | undefined {
  const { spans = [] } = bill;
  const { begin, end } = boundsOf(bill);
  const rising = spans.toSorted((a, b) => a.from - b.from);
  for (const { from, until = Infinity } of tenancy) {
    let at = Math.max(from, begin);
    for (const span of rising) if (span.from * 1000 <= at) at = Math.max(at, span.until * 1000);
    if (at < Math.min(until, end)) return at;
  }
  return undefined;
}

/** Of the period, UTC ms. */
function boundsOf({ period, basis }: BillStatement): { readonly begin: number; readonly end: number } {
  const startOf = (day: string) => localDay(day, basis!.zone).start * 1000;
  return { begin: startOf(period.from), end: startOf(period.until) };
}
