import { type AccountState, account, tenancyOf } from '../../domain/account/account.ts';
import { corrected } from '../../domain/usagepoint/tenancy.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { type BillPeriod, type DomainEvent, type PointStated, type TenancySpan, UTILITY } from '../../events/index.ts';
import type { BindingStreams } from './binding-streams.ts';
import type { OpenedCommit } from './open-commits.ts';

/** What was said of a customer and a usage point up to some commit. */
export interface ToldBinding {
  /** When the last commit of it was recorded, UTC ms. */
  readonly recordedAt: number;
  /** By what is shown of its stream. */
  readonly point: OpenUsagePoint;
  /** As the account has it. */
  readonly tenancy: readonly TenancySpan[];
}

/** As long as nothing is shown of it: a later tenant is told of the beginning nothing. */
const BLANK: OpenUsagePoint = {
  ...{ status: 'open', usagePoint: '', premises: '', zone: '', areaLeaf: '', meterClass: 'residential' },
  ...{ installations: [], multipliers: [], disconnections: [], tenancy: [], moveReads: [], tariffs: [] },
};

/** After each commit, in the order in which they were recorded; at least one. */
export function toldBindings({ account: own, point }: BindingStreams, { accountId, usagePoint: id }: BillPeriod): readonly ToldBinding[] {
  let [told, known]: [OpenUsagePoint, AccountState] = [BLANK, account.initial];
  const all: ToldBinding[] = [{ recordedAt: 0, point: told, tenancy: [] }];
  for (const { envelope, events } of inOrder(own.opened, point.opened)) {
    for (const event of events) {
      if (envelope.stream === own.stream) known = account.evolve(known, event);
      else told = afterEvent(told, event, accountId);
    }
    all.push({ recordedAt: envelope.recordedAt, point: told, tenancy: tenancyOf(known, id) });
  }
  return all;
}

/** Each stream keeps its own order, whatever clocks said. */
function inOrder(one: readonly OpenedCommit[], other: readonly OpenedCommit[]): readonly OpenedCommit[] {
  const latest = new Map<OpenedCommit, number>();
  for (const stream of [one, other]) {
    let at = 0;
    for (const commit of stream) {
      at = Math.max(at, commit.envelope.recordedAt);
      latest.set(commit, at);
    }
  }
  return [...one, ...other].sort((a, b) => latest.get(a)! - latest.get(b)!);
}

function afterEvent(point: OpenUsagePoint, event: DomainEvent, account: string): OpenUsagePoint {
  if (event.type === 'PointStated' && event.data.subject === account) return stated(point, event.data);
  return usagePoint.evolve(point, event) as OpenUsagePoint;
}

/** Said again as a whole: what was shown before counts no more. */
function stated(point: OpenUsagePoint, { subject, spans, meters, multipliers, tariffs }: PointStated): OpenUsagePoint {
  const cuts = spans.flatMap(({ from, until }) => [{ subject, from }, ...(until === undefined ? [] : [{ subject: UTILITY, from: until }])]);
  const rising = cuts.filter(({ from }, i) => cuts[i + 1]?.from !== from);
  return {
    ...point,
    tenancy: corrected([], 0, rising),
    installations: meters.map((held) => ({ ...held, initial: [], final: [] })),
    multipliers: multipliers.map((one) => ({ ...one, reason: '', by: '' })),
    tariffs,
  };
}

/** Behind the last commit that says all of it again nothing before it counts. @returns its version, -1 where there is none */
export function lastStatement({ point }: BindingStreams, { accountId }: BillPeriod): number {
  const saysAll = ({ type, data }: DomainEvent) => type === 'PointStated' && data.subject === accountId;
  return point.opened.findLast(({ events }) => events.some(saysAll))?.envelope.version ?? -1;
}
