import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localDay, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import type { EventStore } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { mortal } from '../subjects/sealed-days.ts';
import { HOME } from '../support/sealed-town.ts';
import { ClosingWorld, type Enrolled } from './closing-world.ts';

const DAY = '2026-01-15';
const { start, end } = localDay(DAY, HOME.zone);
const AT = provisionalAt(DAY, HOME.zone);

/** A home of which a whole day arrived. */
async function home(): Promise<{ world: ClosingWorld; meter: Enrolled; stream: string }> {
  const world = new ClosingWorld(start * 1000);
  const meter = await world.enrol({ firstDay: DAY });
  for (let at = start + 900; at <= end; at += 900) meter.measure(at, 100);
  await world.say(meter, meter.frames(end), end * 1000 + 90_000);
  await world.say(meter, await meter.seals(), end * 1000 + 900_000);
  return { world, meter, stream: `meterday/${meter.options.meterId}/${DAY}` };
}

/** The platform with another way to append to meter days. */
function appending(
  platform: Platform,
  append: (events: EventStore, ...of: Parameters<EventStore['append']>) => ReturnType<EventStore['append']>,
) {
  const { events } = mortal(platform, Number.POSITIVE_INFINITY);
  return {
    ...platform,
    events: {
      ...events,
      append: (...of: Parameters<EventStore['append']>) =>
        of[0].stream.startsWith('meterday/') ? append(platform.events, ...of) : platform.events.append(...of),
    },
  };
}

/** A store that says so after a while. */
const failing = (fault: Error) => new Promise<never>((_, reject) => setImmediate(() => reject(fault)));

describe('a day that is closed while somebody else writes to it', () => {
  it('is read and decided again: what the other recorded is not recorded twice, and is nobody’s but theirs', async () => {
    const { world, meter, stream } = await home();
    let rivals = 1;
    const raced = appending(world.platform, (events, head, commit) => {
      if (rivals-- > 0) void events.append(head, { ...commit, commitId: randomBytes(32) });
      return events.append(head, commit);
    });
    expect(await world.close(AT, raced)).toMatchObject({ days: 1, commits: 0, finalized: 0 });
    expect(await world.commits(stream)).toHaveLength(1);
    expect(await world.day(meter.options.meterId, DAY)).toMatchObject({ final: true, outcome: { channels: [{ energyWh: 9_600 }] } });
    expect(await world.close(AT + 1)).toMatchObject({ days: 0 });
  });

  it('is given up when the other is always faster, and closed by the next run', async () => {
    const { world, stream } = await home();
    let attempts = 0;
    const lost = appending(world.platform, (_events, head) => {
      attempts++;
      return { head, durable: failing(new VersionConflict(head.stream, head.version, undefined)) };
    });
    await expect(world.close(AT, lost)).rejects.toBeInstanceOf(VersionConflict);
    expect(attempts).toBeGreaterThan(1);
    expect(await world.commits(stream)).toEqual([]);
    expect(await world.close(AT)).toMatchObject({ days: 1, commits: 1, finalized: 1 });
  });

  it('is not counted as closed when the store fails', async () => {
    const { world } = await home();
    const broken = appending(world.platform, (_events, head) => ({ head, durable: failing(new Error('disk full')) }));
    await expect(world.close(AT, broken)).rejects.toThrow('disk full');
    expect(await world.close(AT)).toMatchObject({ days: 1, commits: 1, finalized: 1 });
  });
});
