import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditPage } from '../../api/console.ts';
import { openSubjectData } from '../../lambdas/shared/subject-data.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ConsoleDoor } from './console-world.ts';

const DAY = Date.UTC(2026, 0, 15);
let world: MemoryWorld;
let door: ConsoleDoor;
beforeEach(() => {
  world = new MemoryWorld({ now: DAY + 3_600_000 });
  door = new ConsoleDoor((principal) => world.as(principal));
});

async function access(principal: string, subjects: readonly string[], person?: string): Promise<void> {
  const asked = { purpose: 'editing', from: DAY - 86_400_000, until: DAY, subjects } as const;
  await openSubjectData(world.as(principal), { ...asked, ...(person === undefined ? {} : { person }) });
  world.clock.advance(1_000);
}

const page = async (query: Readonly<Record<string, string>> = {}, as = 'ann') =>
  (await door.ask<AuditPage>('listAudit', { query: { day: '2026-01-15', ...query }, as })).body;

describe('accesses of a day', () => {
  it('are listed in the order in which they happened, whoever opened, with the hash of each commit', async () => {
    await access('editing', ['acc-1'], 'ann');
    await access('close-day', ['acc-1', 'acc-2', 'acc-3']);
    await access('editing', ['acc-2'], 'bob');
    const { entries, cursor } = await page();
    expect(entries.map(({ principal, person, purpose, subjects }) => [principal, person, purpose, subjects])).toEqual([
      ['editing', 'ann', 'editing', 1],
      ['close-day', null, 'editing', 3],
      ['editing', 'bob', 'editing', 1],
    ]);
    expect(entries[0]).toMatchObject({ stream: 'access/2026-01-15.editing', version: 0, from: '2026-01-14T00:00:00.000Z' });
    expect(entries[2]!.hash).toBe((await world.events.latest('access/2026-01-15.editing')).hash.toString('hex'));
    expect(cursor).toBeUndefined();
  });

  it('R9.1-3: whose data it was is not told, and looking opens nothing', async () => {
    await access('editing', ['acc-1'], 'ann');
    const before = await Array.fromAsync(world.events.streams(''));
    expect(JSON.stringify(await page())).not.toContain('acc-1');
    expect(await Array.fromAsync(world.events.streams(''))).toEqual(before);
  });

  it('of another day are on another page, and by default it is today', async () => {
    await access('editing', ['acc-1']);
    world.clock.set(DAY + 86_400_000 + 5_000);
    await access('editing', ['acc-2']);
    await access('editing', ['acc-3']);
    expect((await page()).entries).toHaveLength(1);
    const today = await door.ask<AuditPage>('listAudit');
    expect([today.body.day, today.body.entries.length]).toEqual(['2026-01-16', 2]);
  });

  it('H2: come in pages that lose and repeat nothing, each for whoever got it and that day alone', async () => {
    for (let i = 0; i < 130; i++) await access(i % 3 === 0 ? 'editing' : 'close-day', [`acc-${i}`]);
    const first = await page();
    const second = await page({ cursor: first.cursor! });
    expect([first.entries.length, second.entries.length, second.cursor]).toEqual([100, 30, undefined]);
    const seen = [...first.entries, ...second.entries].map(({ stream, version }) => `${stream} ${version}`);
    expect(new Set(seen).size).toBe(130);
    const times = [...first.entries, ...second.entries].map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    const refused = [
      door.ask('listAudit', { query: { day: '2026-01-15', cursor: first.cursor! }, as: 'bob' }),
      door.ask('listAudit', { query: { day: '2026-01-16', cursor: first.cursor! }, as: 'ann' }),
      door.ask('listAudit', { query: { day: '2026-01-15', cursor: `${first.cursor!.split('.')[0]}.${'A'.repeat(22)}` } }),
    ];
    for (const told of await Promise.all(refused))
      expect(told).toMatchObject({ status: 400, problem: { type: 'urn:joulekeep:problem:request-invalid' } });
  });
});
