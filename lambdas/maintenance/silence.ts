import { silentMembers } from '../../domain/telemetry/answers.ts';
import { SPOOL_MS } from '../../domain/telemetry/members.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { resendMessage } from '../shared/keys/resend-message.ts';
import { Segments } from '../shared/segments.ts';

const HOUR = 3_600_000;
/** A segment is looked at this often: its state has to be folded for it. */
const LOOK_EVERY = 4 * HOUR;
/** Two frames of four quarter-hours. */
const TWO_PERIODS = 2 * HOUR;
/** A slot is asked for before two periods and the time a spool may hold it are over, whenever in between the look falls. */
const ALLOWED = SPOOL_MS + TWO_PERIODS - LOOK_EVERY;
const SEGMENT = 'segment/';

/**
 * V26: a gap shows when something newer arrives. Where a concentrator withholds the newest nothing does, so the clock has
 * to tell: meters silent for longer than a spool excuses are asked again, each at most every 4 hours. Only the keys function may
 * seal, so the requests go to its queue. @returns meters asked @source X.1332 8.1 (true data blocked)
 */
export async function watchSilence(platform: Platform, defences: Defences): Promise<number> {
  if (!defences.gapRequests) return 0;
  let asked = 0;
  for await (const stream of platform.events.streams(SEGMENT)) asked += await lookAt(platform, stream.slice(SEGMENT.length));
  return asked;
}

/** A state of its own for every look, so that none stays in memory. */
async function lookAt(platform: Platform, segment: string): Promise<number> {
  const now = platform.clock.now();
  const key = `silence/${segment}`;
  const looked = await platform.directory.get(key);
  if (looked !== undefined && now < Number(looked.toString()) + LOOK_EVERY) return 0;
  const { state } = await new Segments(platform).load(segment);
  // a meter that no frame was ever heard of, or whose epochs are all gone, has no key to be asked under: it says HELLO first
  const hasEpoch = (meterId: string) => state.windows.epochs(state.members.findId(meterId)).length > 0;
  const silent = silentMembers(state, now, ALLOWED).filter(({ member }) => hasEpoch(member.meterId));
  for (const { member, spans } of silent) await platform.queues.send('service', resendMessage(member.meterId, spans));
  await platform.directory.put([{ key, value: Buffer.from(String(now)) }]);
  return silent.length;
}
