import { createHash } from 'node:crypto';
import type { MeterDayCommand } from '../../domain/meterday/command.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { type DomainEvent, JoulekeepError, type MeterDayEvent } from '../../events/index.ts';
import type { Principal } from '../../platform/ports/authorizer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import type { VersionedChange } from '../http/call.ts';
import { accessDay, etagOf, type NamedDay, type OpenedDay, readDay, sealOf } from './open-day.ts';

/** What came of a change. */
export interface Changed {
  /** As the day stands now. */
  readonly opened: OpenedDay;
  /** What the change recorded; of a repeated request what it recorded the first time. */
  readonly events: readonly DomainEvent[];
  readonly repeated: boolean;
}

const ATTEMPTS = 4;
/** A commit id is who with which key, then what: half of it each. */
const HALF = 16;

/**
 * Decides and appends once. The request itself is the id of its commit, so one that comes again is found in the stream, whatever
 * was recorded since.
 * @throws ERR_KEY_REUSED when the key stands for another request; ERR_DAY_CHANGED when the day is not what its author saw
 */
export async function recordChange(
  platform: Platform,
  caller: Principal,
  name: NamedDay,
  change: VersionedChange,
  commandOf: (day: OpenDay) => MeterDayCommand | Promise<MeterDayCommand>,
): Promise<Changed> {
  const access = await accessDay(platform, caller, name);
  const commitId = commitIdOf(caller, change);
  for (let attempt = 1; ; attempt++) {
    const opened = await readDay(platform, access, name);
    const before = doneBefore(opened, commitId);
    if (before !== undefined) return { opened, events: before, repeated: true };
    if (etagOf(opened.head) !== change.ifMatch) throw new JoulekeepError('ERR_DAY_CHANGED', `${opened.stream} was changed meanwhile`);
    const events = meterDay.decide(await commandOf(opened.day), opened.day);
    if (events.length === 0) return { opened, events, repeated: false };
    try {
      await append(platform, opened, commitId, events);
      return { opened: await readDay(platform, access as SubjectAccess, name), events, repeated: false };
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The head brings the key into memory; what decides is the head that was read. */
async function append(
  { events: store }: Platform,
  { head, day, stream }: OpenedDay,
  commitId: Buffer,
  events: readonly MeterDayEvent[],
): Promise<void> {
  const subject = sealOf(day);
  await store.head(stream, subject);
  await store.append(head, { commitId, events, subject }).durable;
}

function doneBefore({ commits }: OpenedDay, commitId: Buffer): readonly DomainEvent[] | undefined {
  const found = commits.find((commit) => commit.commitId.subarray(0, HALF).equals(commitId.subarray(0, HALF)));
  if (found === undefined) return undefined;
  if (!found.commitId.equals(commitId)) throw new JoulekeepError('ERR_KEY_REUSED', 'the idempotency key stands for another request');
  return found.events;
}

function commitIdOf({ person }: Principal, { key, fingerprint }: VersionedChange): Buffer {
  const who = createHash('sha256')
    .update(JSON.stringify(['edit', person, key]))
    .digest();
  return Buffer.concat([who.subarray(0, HALF), fingerprint.subarray(0, HALF)]);
}
