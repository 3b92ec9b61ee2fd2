import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataAccessed } from '../../events/index.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import type { EventStore, SubjectKey } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { all, idOf } from '../contract/support/events.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 15, 10);
const WINDOW = { from: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 1, 1) };

async function seal(events: EventStore, stream: string, subject: SubjectKey): Promise<void> {
  const data = { run: 'r1', revision: 1, at: NOW };
  const commit = { commitId: idOf(stream), events: [{ type: 'DaySettled', data } as const], subject };
  await events.append(await events.head(stream, subject), commit).durable;
}

async function accesses(world: MemoryWorld): Promise<DataAccessed[]> {
  const found: DataAccessed[] = [];
  for await (const stream of world.events.streams('access/')) {
    for (const event of world.events.eventsOf(stream)) if (event.type === 'DataAccessed') found.push(event.data);
  }
  return found;
}

describe('opening subject data', () => {
  it('is recorded under principal and UTC date, with purpose, window and subjects, before it opens', async () => {
    const world = new MemoryWorld({ now: NOW });
    await openSubjectData(world.as('billing'), { purpose: 'billing', ...WINDOW, subjects: ['a', 'b', 'a'] });
    const data = { principal: 'billing', purpose: 'billing', ...WINDOW, subjects: ['a', 'b'], at: NOW };
    expect(world.events.eventsOf('access/2026-01-15.billing')).toEqual([{ type: 'DataAccessed', data }]);
  });

  it('what cannot be recorded is not opened', async () => {
    const world = new MemoryWorld({ now: NOW });
    world.events.beforeAppend = (stream) => {
      if (stream.startsWith('access/')) throw new Error('disk full');
    };
    const opening = openSubjectData(world.as('billing'), { purpose: 'billing', ...WINDOW, subjects: ['a'] });
    await expect(opening).rejects.toThrow('disk full');
    expect(await accesses(world)).toEqual([]);
  });

  it('of 100,000 subjects every name is recorded, in commits that a stream can hold', async () => {
    const world = new MemoryWorld({ now: NOW });
    const subjects = Array.from({ length: 100_000 }, (_, index) => `account-${index}`);
    await openSubjectData(world.as('close-day'), { purpose: 'close-day', ...WINDOW, subjects });
    const recorded = await accesses(world);
    expect(recorded.length).toBeGreaterThan(1);
    expect(recorded.flatMap((data) => data.subjects)).toEqual(subjects);
  });

  it('of nobody, or of no time, is a mistake', async () => {
    const platform = new MemoryWorld().as('billing');
    const refused = { code: 'ERR_ACCESS_EMPTY' };
    await expect(openSubjectData(platform, { purpose: 'billing', ...WINDOW, subjects: [] })).rejects.toMatchObject(refused);
    const never = { purpose: 'billing', from: 5, until: 5, subjects: ['a'] } as const;
    await expect(openSubjectData(platform, never)).rejects.toMatchObject(refused);
  });

  it('side by side, each of a principal has an event of its own', async () => {
    const world = new MemoryWorld({ now: NOW });
    const open = (subject: string) => openSubjectData(world.as('billing'), { purpose: 'billing', ...WINDOW, subjects: [subject] });
    await Promise.all(['a', 'b', 'c', 'd', 'a'].map(open));
    expect((await accesses(world)).flatMap(({ subjects }) => subjects).sort()).toEqual(['a', 'a', 'b', 'c', 'd']);
  });

  it('no data of a subject is ever read without a DataAccessed that covers subject, window and principal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request(), { minLength: 1, maxLength: 4 }), async (requests) => {
        const world = new MemoryWorld({ now: NOW });
        const days = ['a', 'b', 'c'].flatMap((subject) => [2, 15, 28].map((date) => ({ subject, date })));
        for (const day of days) await seal(world.events, streamOf(day), { of: 'usage', subject: day.subject, month: '2026-01' });
        for (const { principal, ...wanted } of requests) {
          const platform = world.as(principal);
          const access = await openSubjectData(platform, { purpose: 'billing', ...wanted });
          for (const day of days) {
            if (await opens(platform, streamOf(day), access)) expect(covered(await accesses(world), principal, day)).toBe(true);
          }
        }
      }),
    );
  });

  it('opens what it asked for', async () => {
    const world = new MemoryWorld({ now: NOW });
    await seal(world.events, streamOf({ subject: 'a', date: 15 }), { of: 'usage', subject: 'a', month: '2026-01' });
    const access = await openSubjectData(world.as('billing'), { purpose: 'billing', ...WINDOW, subjects: ['a'] });
    expect(await opens(world.as('billing'), streamOf({ subject: 'a', date: 15 }), access)).toBe(true);
  });
});

interface Day {
  readonly subject: string;
  readonly date: number;
}

function streamOf({ subject, date }: Day): string {
  return `meterday/meter-${subject}/2026-01-${String(date).padStart(2, '0')}`;
}

function request() {
  return fc.record({
    principal: fc.constantFrom('billing', 'close-day'),
    from: fc.integer({ min: 0, max: 20 }).map((day) => WINDOW.from + day * DAY),
    until: fc.integer({ min: 21, max: 31 }).map((day) => WINDOW.from + day * DAY),
    subjects: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
  });
}

async function opens(platform: Platform, stream: string, access: Awaited<ReturnType<typeof openSubjectData>>): Promise<boolean> {
  try {
    return (await all(platform.events.read(stream, 0, access))).length > 0;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    return false;
  }
}

/** A local day of some zone on Earth that lies in the window. */
function covered(recorded: readonly DataAccessed[], principal: string, { subject, date }: Day): boolean {
  const midnight = Date.UTC(2026, 0, date);
  return recorded.some(
    (data) =>
      data.principal === principal &&
      data.subjects.includes(subject) &&
      data.from < midnight + 38 * 3_600_000 &&
      data.until > midnight - 14 * 3_600_000,
  );
}
