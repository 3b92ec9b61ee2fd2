import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { UsagePointState } from '../../domain/usagepoint/usagepoint-state.ts';
import { type DomainEvent, type TenancyCut, UTILITY } from '../../events/index.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { tenancySpans } from '../register/mirror.ts';
import { impossible } from './impossible.ts';
import { isShownTo, type Tenant } from './shown-to-tenant.ts';

/** A commit of a stream, and whether it is opened or named alone. */
export interface BindingCommit {
  readonly evidence: CommitEvidence;
  readonly shown: boolean;
}

/** All commits of the customer's account and of the usage point, in order. */
export interface BindingEvidence {
  readonly account: readonly BindingCommit[];
  readonly point: readonly BindingCommit[];
}

/**
 * What makes the days of a bill the customer's: all of the account's stream, and of the usage point's what is the customer's to see. Of the rest its
 * version and hash alone, so that it can be counted. @throws ERR_PROOF_IMPOSSIBLE
 */
export async function bindingEvidence(
  { events }: Pick<Platform, 'events'>,
  { accountId, usagePoint: id }: { readonly accountId: string; readonly usagePoint: string },
): Promise<BindingEvidence> {
  const account = await Array.fromAsync(events.evidence(`account/${accountId}`));
  const point = await Array.fromAsync(events.evidence(`usagepoint/${id}`));
  const tenant = tenantOf(
    point.flatMap(({ recorded }) => recorded.events),
    accountId,
  );
  if (tenant === undefined) throw impossible(`usagepoint/${id} is not there`);
  return {
    account: account.map((evidence) => ({ evidence, shown: evidence.key !== undefined })),
    point: point.map((evidence) => ({
      evidence,
      shown: evidence.key !== undefined && evidence.recorded.events.every((event) => isShownTo(event, tenant)),
    })),
  };
}

function tenantOf(facts: readonly DomainEvent[], account: string): Tenant | undefined {
  const state = facts.reduce<UsagePointState>(usagePoint.evolve, usagePoint.initial);
  if (state.status === 'unopened') return undefined;
  const spans = tenancySpans(state.tenancy, account);
  const others = facts.flatMap(cutsIn).filter(({ subject }) => subject !== account && subject !== UTILITY);
  const [first, ...rest] = spans;
  // What was before anybody was said to be the tenant is nobody else's.
  const wasFirst = first !== undefined && others.every(({ from }) => from >= first.from);
  return { account, zone: state.zone, alone: others.length === 0, spans: wasFirst ? [{ ...first, from: 0 }, ...rest] : spans };
}

function cutsIn(event: DomainEvent): readonly TenancyCut[] {
  if (event.type === 'TenancyCut') return [event.data];
  return event.type === 'TenancyCorrected' ? event.data.cuts : [];
}
