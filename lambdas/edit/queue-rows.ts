import type { Platform } from '../../platform/ports/platform.ts';
import { type ExceptionGroup, grouped } from '../project/exceptions.ts';
import { pointOf } from '../shared/days/points.ts';
import { assigneeKey } from './assignees.ts';

/** A row of the queue under its id, and who looks after it. */
export interface QueueRow extends ExceptionGroup {
  readonly row: string;
  readonly assignee?: string;
}

/** What a row is about: an outage by itself, any other cause of one day. */
export function rowName({ cause, days }: ExceptionGroup): string {
  return cause.startsWith('outage/') ? cause : `${cause} ${days[0]}`;
}

/** Rows under their ids. One that somebody looks after is assigned, though nobody has proposed anything yet. */
export async function withAssignees({ directory }: Pick<Platform, 'directory'>, groups: readonly ExceptionGroup[]): Promise<QueueRow[]> {
  const ids = groups.map((group) => Buffer.from(rowName(group)).toString('base64url'));
  const found = await directory.getMany(ids.map(assigneeKey));
  return groups.map((group, i) => {
    const assignee = found[i]?.toString() ?? '';
    if (assignee === '') return { ...group, row: ids[i]! };
    return { ...group, row: ids[i]!, assignee, status: group.status === 'open' ? 'assigned' : group.status };
  });
}

/** The rows as far as they concern meters of an area. */
export async function inArea(platform: Platform, groups: readonly ExceptionGroup[], area: string): Promise<ExceptionGroup[]> {
  const meters = [...new Set(groups.flatMap(({ exceptions }) => exceptions.map(({ meterId }) => meterId)))];
  const points = await pointOf(platform, meters);
  const there = new Set(meters.filter((_, i) => points[i]!.some(({ areaLeaf }) => areaLeaf === area)));
  return groups.flatMap(({ exceptions }) => {
    const left = exceptions.filter(({ meterId }) => there.has(meterId));
    return left.length === 0 ? [] : [grouped(left)];
  });
}
