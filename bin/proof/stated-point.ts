import { canonical } from '../../domain/billing/canonical.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { BillPeriod, DomainEvent, MeterInstalled, MeterRemoved, PointStated } from '../../events/index.ts';
import { statedTo } from '../../lambdas/register/state-to-tenants.ts';
import type { BindingStreams, ShownStream } from './binding-streams.ts';
import { ProofFault } from './proof-fault.ts';

/**
 * Each statement that the account was given is held against what is shown of the usage point up to the same version: against all of it where nothing
 * of that is withheld, and otherwise against the meters that were hung and taken away in the time it speaks of. @throws ProofFault
 */
export function checkStatements({ account, point }: BindingStreams, { accountId, usagePoint: id }: BillPeriod): void {
  for (const { events } of account.opened)
    for (const { type, data } of events) if (type === 'PointStated' && data.usagePoint === id) checkStatement(data, point, accountId);
}

function checkStatement(stated: PointStated, point: ShownStream, subject: string): void {
  const { through } = stated;
  const shown = point.opened.filter(({ envelope }) => envelope.version <= through).flatMap(({ events }) => events);
  const whole = !point.withheld.some((version) => version <= through);
  if (whole && !saysAll(stated, shown, subject)) throw contradiction(stated, point);
  if (shown.some((event) => isDenied(event, stated))) throw contradiction(stated, point);
}

function contradiction({ through }: PointStated, { stream }: ShownStream): ProofFault {
  return new ProofFault('binding', `${stream}: up to version ${through} it says otherwise than the account was told`);
}

function saysAll({ spans, meters, multipliers, tariffs }: PointStated, events: readonly DomainEvent[], subject: string): boolean {
  const state = events.reduce(usagePoint.evolve, usagePoint.initial);
  if (state.status !== 'open') return false;
  return canonical({ spans, meters, multipliers, tariffs }) === canonical(statedTo(state, subject));
}

/** No commit that is withheld takes back that a meter was hung or taken away. */
function isDenied({ type, data }: DomainEvent, stated: PointStated): boolean {
  if (type === 'MeterInstalled') return isUnhung(data, stated);
  return type === 'MeterRemoved' && isKept(data, stated);
}

function isUnhung({ meterId, from }: MeterInstalled, { spans, meters }: PointStated): boolean {
  const within = spans.some((span) => span.from <= from && from < (span.until ?? Infinity));
  return within && !meters.some((one) => one.meterId === meterId && one.from === from);
}

function isKept({ meterId, until }: MeterRemoved, { meters }: PointStated): boolean {
  return meters.some((one) => one.meterId === meterId && one.from < until && until < (one.until ?? Infinity));
}
