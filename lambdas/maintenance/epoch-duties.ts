import { epochDuties } from '../../domain/enrolment/ladder.ts';
import { LADDER } from '../../domain/enrolment/limits.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { KnownMeter, MeterState } from '../../domain/enrolment/meter-state.ts';
import type { SegmentCommand } from '../../domain/telemetry/membership.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import * as agenda from '../shared/devices/agenda.ts';
import { epochRequestMessage } from '../shared/keys/epoch-request-message.ts';
import { Segments } from '../shared/segments.ts';
import { foldStream, runDecider, WarmStreams } from '../shared/streams.ts';

const CHUNK = 256;

export interface DutyReport {
  readonly destroyed: number;
  readonly overdue: number;
}

interface Attended {
  readonly meterId: string;
  readonly state: KnownMeter;
  /** Epochs whose secret was destroyed just now. */
  readonly destroyed: readonly number[];
  /** When to look at its key rows again, UTC ms; empty when the stream says all there is to say. */
  readonly strayAt: readonly number[];
}

/**
 * What the clock demands of meters' epochs: secrets destroyed in time for the end of 14 days after activation, overdue
 * epochs alarmed and asked to be renewed. Whom to look at is on the agenda; what is due, the stream says.
 * @source X.1332 10.1 (keys refreshed and destroyed)
 */
export async function attendEpochs(platform: Platform, defences: Defences, meterIds: readonly string[]): Promise<DutyReport> {
  const segments = new Segments(platform, 32);
  const report = { destroyed: 0, overdue: 0 };
  for (let start = 0; start < meterIds.length; start += CHUNK) {
    const chunk = meterIds.slice(start, start + CHUNK);
    const warm = new WarmStreams<MeterState>(CHUNK);
    const attended = (await Promise.all(chunk.map((meterId) => destroySecrets(platform, defences, warm, meterId)))).filter(
      (a) => a !== undefined,
    );
    await tellSegments(platform, segments, attended);
    const marked = await Promise.all(attended.map((one) => recordDuties(platform, warm, one)));
    for (const { destroyed } of attended) report.destroyed += destroyed.length;
    for (const overdue of marked) report.overdue += overdue;
  }
  return report;
}

/** The key row goes first: an event that says destroyed must be true whenever it is read. */
async function destroySecrets(
  platform: Platform,
  defences: Defences,
  warm: WarmStreams<MeterState>,
  meterId: string,
): Promise<Attended | undefined> {
  const { state } = await foldStream(platform.events, `meter/${meterId}`, meter, warm);
  if (state.status === 'unknown') return undefined;
  if (!defences.epochDestruction) return { meterId, state, destroyed: [], strayAt: [] };
  const now = platform.clock.now();
  const { destroy } = epochDuties(state, now);
  for (const { keyRow } of destroy) await platform.keys.destroy(keyRow);
  const strayAt = await destroyStrays(platform, state, now);
  return { meterId, state, destroyed: destroy.map(({ epoch }) => epoch), strayAt };
}

/**
 * Rows the stream knows nothing of: of a proposal that a crash or a restored backup swallowed.
 * @returns when those that stay are due
 */
async function destroyStrays(platform: Platform, state: KnownMeter, now: number): Promise<number[]> {
  const live = new Set(state.ladder.live.map(({ keyRow }) => keyRow));
  const strays = (await platform.keys.list(`epoch/${state.meterId}/`)).filter(({ id }) => !live.has(id));
  const dueAt = ({ createdAt }: { createdAt: number }) => createdAt + LADDER.deadAfter - LADDER.destroyAhead;
  for (const stray of strays) if (dueAt(stray) <= now) await platform.keys.destroy(stray.id);
  return strays.map(dueAt).filter((at) => at > now);
}

async function tellSegments(platform: Platform, segments: Segments, attended: readonly Attended[]): Promise<void> {
  const bySegment = new Map<string, SegmentCommand[]>();
  for (const { meterId, state, destroyed } of attended) {
    if (state.segment === undefined || destroyed.length === 0) continue;
    const commands = bySegment.get(state.segment) ?? [];
    bySegment.set(state.segment, commands);
    commands.push({ type: 'AmendMember', meterId, epochsDestroyed: destroyed, at: platform.clock.now() });
  }
  await Promise.all([...bySegment].map(([segment, commands]) => segments.executeMany(segment, commands)));
}

/** @returns how many epochs were found overdue */
async function recordDuties(platform: Platform, warm: WarmStreams<MeterState>, attended: Attended): Promise<number> {
  const { meterId, destroyed } = attended;
  const at = platform.clock.now();
  const overdue = epochDuties(attended.state, at).overdue.map(({ epoch }) => epoch);
  const commands = [
    ...destroyed.map((epoch) => ({ type: 'DestroyEpoch' as const, epoch, at })),
    ...overdue.map((epoch) => ({ type: 'MarkEpochOverdue' as const, epoch, at })),
  ];
  for (const epoch of overdue) await platform.queues.send('service', epochRequestMessage(meterId, epoch));
  const { state } = await runDecider(platform.events, `meter/${meterId}`, meter, commands, warm);
  const { next } = epochDuties(state, at);
  const times = next === undefined ? attended.strayAt : [next, ...attended.strayAt];
  await agenda.note(
    platform.directory,
    times.map((time) => ({ who: meterId, at: time })),
  );
  return overdue.length;
}
