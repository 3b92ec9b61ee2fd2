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

/** After each commit, in the order in which they were recorded, and never before what came ahead of it; at least one. */
export function toldBindings(streams: BindingStreams, { accountId, usagePoint: id }: BillPeriod): readonly ToldBinding[] {
  const told: ToldBinding[] = [{ recordedAt: 0, point: BLANK, tenancy: [] }];
  const shown: OpenedCommit[] = [];
  let [known, stated] = [account.initial as AccountState, undefined as PointStated | undefined];
  for (const commit of inOrder(streams.account.opened, streams.point.opened)) {
    let { recordedAt, point } = told.at(-1)!;
    const isOfPoint = commit.envelope.stream === streams.point.stream;
    if (isOfPoint) shown.push(commit);
    else known = commit.events.reduce<AccountState>(account.evolve, known);
    const said = isOfPoint ? undefined : lastStatement([commit], id);
    stated = said ?? stated;
    if (said !== undefined) point = pointAfter(said, shown, accountId);
    else if (isOfPoint) point = continued(point, stated, commit);
    recordedAt = Math.max(recordedAt, commit.envelope.recordedAt);
    told.push({ recordedAt, point, tenancy: tenancyOf(known, id) });
  }
  return told;
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

/** What the account was told last is all there is up to a version of the usage point; what is shown behind it goes on from there. */
function pointAfter(stated: PointStated, shown: readonly OpenedCommit[], account: string): OpenUsagePoint {
  const from = { ...pointOf(stated, account), zone: zoneIn(shown) };
  return shown.reduce<OpenUsagePoint>((point, commit) => continued(point, stated, commit), from);
}

/** A commit that the account was told of says its zone alone. */
function continued(point: OpenUsagePoint, stated: PointStated | undefined, { envelope, events }: OpenedCommit): OpenUsagePoint {
  if (envelope.version > (stated?.through ?? -1))
    return events.reduce<OpenUsagePoint>((known, event) => usagePoint.evolve(known, event) as OpenUsagePoint, point);
  return { ...point, zone: point.zone === '' ? zoneIn([{ events }]) : point.zone };
}

/** '' where its opening is not shown. */
function zoneIn(commits: readonly Pick<OpenedCommit, 'events'>[]): string {
  return eventsOf(commits).flatMap(({ type, data }) => (type === 'UsagePointOpened' ? [data.zone] : []))[0] ?? '';
}

function pointOf({ spans, meters, multipliers, tariffs }: PointStated, subject: string): OpenUsagePoint {
  const cuts = spans.flatMap(({ from, until }) => [{ subject, from }, ...(until === undefined ? [] : [{ subject: UTILITY, from: until }])]);
  const rising = cuts.filter(({ from }, i) => cuts[i + 1]?.from !== from);
  return {
    ...BLANK,
    tenancy: corrected([], 0, rising),
    installations: meters.map((held) => ({ ...held, initial: [], final: [] })),
    multipliers: multipliers.map((one) => ({ ...one, reason: '', by: '' })),
    tariffs,
  };
}

/** What the account was told last of a usage point. */
export function lastStatement(commits: readonly OpenedCommit[], usagePointId: string): PointStated | undefined {
  const told = eventsOf(commits).flatMap(({ type, data }) => (type === 'PointStated' ? [data] : []));
  return told.findLast((one) => one.usagePoint === usagePointId);
}

function eventsOf(commits: readonly Pick<OpenedCommit, 'events'>[]): readonly DomainEvent[] {
  return commits.flatMap(({ events }) => events);
}
