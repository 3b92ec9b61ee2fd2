import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditPage } from '../../api/console.ts';
import { lotOf, openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { MemoryWorld } from '../support/memory-platform.ts';
import { ConsoleDoor } from './console-world.ts';

const DAY = Date.UTC(2026, 0, 15);
const LOOKED_FROM = ['usage-api', 'account-api', 'project'];
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

async function look(principal: string, account: string): Promise<void> {
  const asked = { purpose: 'customer-view', from: DAY - 86_400_000, until: DAY } as const;
  await openSubjectData(world.as(principal), { ...asked, subjects: [account], person: account });
  world.clock.advance(1_000);
}

/** As many pages as there are. */
async function allPages(): Promise<{ readonly sizes: number[]; readonly entries: AuditPage['entries'] }> {
  const [sizes, entries]: [number[], AuditPage['entries']] = [[], []];
  let cursor: string | undefined;
  do {
    const told = await page(cursor === undefined ? {} : { cursor });
    sizes.push(told.entries.length);
    entries.push(...told.entries);
    cursor = told.cursor;
  } while (cursor !== undefined);
  return { sizes, entries };
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

  it('are listed with the looks of customers, which lie in lots', async () => {
    await access('editing', ['acc-1'], 'ann');
    for (const principal of ['usage-api', 'account-api']) await look(principal, 'acc-2');
    const { entries } = await page();
    expect(entries.map(({ stream, person, purpose }) => [stream, person, purpose])).toEqual([
      ['access/2026-01-15.editing', 'ann', 'editing'],
      [`access/2026-01-15.usage-api.${lotOf('acc-2')}`, 'acc-2', 'customer-view'],
      [`access/2026-01-15.account-api.${lotOf('acc-2')}`, 'acc-2', 'customer-view'],
    ]);
  });

  it('are listed as far as they are kept, where the first of them were deleted behind a checkpoint', async () => {
    await access('editing', ['acc-1'], 'ann');
    const cut = await world.events.latest('access/2026-01-15.editing');
    await access('editing', ['acc-2'], 'bob');
    await world.events.trim(cut, Buffer.alloc(32));
    expect((await page()).entries.map(({ person, version }) => [person, version])).toEqual([['bob', 1]]);
  });

  it('R9.1-3: whose data it was is not told, and looking opens nothing', async () => {
    await access('editing', ['acc-1'], 'ann');
    const before = await Array.fromAsync(world.events.streams(''));
    expect(JSON.stringify(await page())).not.toContain('acc-1');
    expect(await Array.fromAsync(world.events.streams(''))).toEqual(before);
  });

  it('C10.1-1: are told with what came of the night behind them: keys that were opened around them, and not whose', async () => {
    await access('editing', ['acc-1'], 'ann');
    expect((await page()).reconciled).toBeNull();
    const at = DAY + 100_000_000;
    const opened = { principal: 'relay', operation: 'decrypt', subject: 'acc-2', row: 'usage/acc-2/2026-01/1767225600000', times: 3 };
    const counts = { day: '2026-01-15', end: '', calls: 90, openings: 7, verified: 1, unasked: 1, refused: 2, unexplained: 1, doubts: 1 };
    const { events } = world.as('reconcile');
    await events.append(await events.head('audit/2026-01-15'), {
      commitId: Buffer.alloc(32),
      events: [
        { type: 'AccessUnexplained', data: { ...opened, first: DAY + 1, last: DAY + 2, at } },
        { type: 'KeyRecordDoubted', data: { fault: 'missing', from: DAY, until: DAY + 1, at } },
        { type: 'AccessReconciled', data: { ...counts, at } },
      ],
    }).durable;
    const told = await page();
    expect(told.reconciled).toEqual({
      outcome: { at: '2026-01-16T03:46:40.000Z', calls: 90, openings: 7, verified: 1, refused: 2, unasked: 1 },
      unexplained: [
        {
          principal: 'relay',
          operation: 'decrypt',
          data: '2026-01',
          times: 3,
          first: '2026-01-15T00:00:00.001Z',
          last: '2026-01-15T00:00:00.002Z',
        },
      ],
      doubts: [{ fault: 'missing', from: '2026-01-15T00:00:00.000Z', until: '2026-01-15T00:00:00.001Z' }],
    });
    expect(JSON.stringify(told)).not.toContain('acc-2');
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

  it('H2: come whole and once from as many streams as a day has', async () => {
    const names = Array.from({ length: 240 }, (_, i) => `acc-${i}`);
    for (const [i, name] of names.entries()) await (i % 5 === 0 ? access('editing', [name], name) : look(LOOKED_FROM[i % 3]!, name));
    const { sizes, entries } = await allPages();
    expect(sizes).toEqual([100, 100, 40]);
    expect(entries.map(({ person }) => person)).toEqual(names);
    expect(new Set(entries.map(({ stream }) => stream)).size).toBe(49);
  });

  it('H2: come whole and once where many are one commit and a page ends within it', async () => {
    const names = Array.from({ length: 230 }, (_, i) => `p-${i}`);
    const asked = { purpose: 'editing', from: DAY - 86_400_000, until: DAY, subjects: ['acc-1'] } as const;
    await Promise.all(names.map((person) => openSubjectData(world.as('editing'), { ...asked, person })));
    const { sizes, entries } = await allPages();
    expect(sizes).toEqual([100, 100, 30]);
    expect(entries.map(({ person }) => person)).toEqual(names);
    expect(entries.map(({ version }) => version)).toEqual(names.map((_, i) => i));
  });

  it('H2: come whole and once where the clocks of those who write a stream do not agree', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `p-${i}`);
    for (const [i, person] of names.entries()) {
      world.clock.set(DAY + 3_600_000 + (names.length - i) * 1_000);
      await access(i % 4 === 0 ? 'close-day' : 'editing', ['acc-1'], person);
    }
    const { sizes, entries } = await allPages();
    expect(sizes).toEqual([100, 50]);
    expect(entries.map(({ person }) => person).toSorted()).toEqual(names.toSorted());
  });
});
