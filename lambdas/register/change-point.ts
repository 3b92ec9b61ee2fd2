import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { UsagePointCommand } from '../../domain/usagepoint/usagepoint-command.ts';
import type { OpenUsagePoint } from '../../domain/usagepoint/usagepoint-state.ts';
import { JoulekeepError, type UsagePointEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { pointOf } from '../shared/days/points.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import { projectPoints } from './point-projection.ts';

const POINT_ID = /^[A-Za-z0-9_-]{1,64}$/;

export interface ChangedPoint {
  readonly state: OpenUsagePoint;
  readonly events: readonly UsagePointEvent[];
}

export function usagePointStream(id: string): string {
  if (!POINT_ID.test(id)) throw new JoulekeepError('ERR_POINT_ID', 'a usage point id has 1 to 64 of A-Z, a-z, 0-9, dash and underline');
  return `usagepoint/${id}`;
}

/**
 * Tells a usage point what changed, then the directory where its meters are. Repeating it repairs what a crash left undone.
 * @throws ERR_POINT_ID, ERR_METER_ELSEWHERE when a meter to be installed hangs at another usage point, and what the decider throws
 */
export async function changePoint(platform: Platform, id: string, commands: readonly UsagePointCommand[]): Promise<ChangedPoint> {
  const stream = usagePointStream(id);
  await checkFree(platform, id, commands);
  const { state, events } = await runDecider(platform.events, stream, usagePoint, commands);
  const open = state as OpenUsagePoint;
  await projectPoints(platform, [open]);
  return { state: open, events };
}

/** @throws ERR_POINT_UNKNOWN */
export async function usagePointState(platform: Pick<Platform, 'events'>, id: string): Promise<OpenUsagePoint> {
  const { state } = await foldStream(platform.events, usagePointStream(id), usagePoint);
  if (state.status === 'unopened') throw new JoulekeepError('ERR_POINT_UNKNOWN', `${id}: there is no such usage point`);
  return state;
}

/** A meter hangs at one usage point at a time. */
export async function checkFree(platform: Platform, id: string, commands: readonly UsagePointCommand[]): Promise<void> {
  const installs = commands.filter((command) => command.type === 'InstallMeter');
  if (installs.length === 0) return;
  const points = await pointOf(
    platform,
    installs.map(({ meterId }) => meterId),
  );
  for (const [i, { meterId, from }] of installs.entries()) {
    const there = points[i]!.find((point) => point.usagePoint !== id && point.installed.some(({ until = Infinity }) => until > from));
    if (there !== undefined)
      throw new JoulekeepError('ERR_METER_ELSEWHERE', `meter ${meterId} hangs at usage point ${there.usagePoint} at that time`);
  }
}
