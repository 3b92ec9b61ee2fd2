import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessList, BillList } from '../../api/customer-account.ts';
import { lotOf, openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { readAround, reconcile, unexplained } from '../reconcile/reconcile-world.ts';
import { AccountWorld } from './account-world.ts';

const ANN = 'acc-home-1';
const BOB = 'acc-home-2';
const DAY_MS = 86_400_000;
let world: AccountWorld;
beforeAll(async () => {
  world = await AccountWorld.open();
}, 60_000);
afterAll(() => world.stop());

describe('accesses', () => {
  const page = async (account: string, query = '') => {
    await world.followAccesses();
    return await world.read<AccessList>(account, `/v1/me/accesses${query}`, 'AccessList');
  };
  const list = async (account: string, query = '') => (await page(account, query)).accesses;

  it('are those of the service and its people, newest first, and not the customer’s own', async () => {
    world.clock.advance(1);
    const from = world.clock.now() - DAY_MS;
    const window = { from, until: world.clock.now() };
    await openSubjectData(world.platform.as('editing'), { purpose: 'editing', ...window, subjects: [ANN, BOB], person: 'demo-operator' });
    await world.read<BillList>(ANN, '/v1/me/bills', 'BillList');
    const accesses = await list(ANN);
    expect(accesses[0]).toMatchObject({ by: 'editing', person: 'demo-operator', purpose: 'editing', from: new Date(from).toISOString() });
    expect(accesses.map(({ by }) => by)).toContain('billing');
    expect(accesses.map(({ by }) => by)).not.toContain('account-api');
    const looks: unknown[] = [];
    const stream = `access/${new Date(world.clock.now()).toISOString().slice(0, 10)}.account-api.${lotOf(ANN)}`;
    for await (const { events } of world.platform.as('auditor').events.read(stream)) looks.push(...events.map(({ data }) => data));
    expect(looks.at(-1)).toMatchObject({ principal: 'account-api', purpose: 'customer-view', subjects: [ANN], person: ANN });
  });

  it('hide no look of a person who goes by the name of the account', async () => {
    const window = { from: world.clock.now() - DAY_MS, until: world.clock.now() };
    await openSubjectData(world.platform.as('editing'), { purpose: 'editing', ...window, subjects: [ANN], person: ANN });
    expect(await list(ANN)).toContainEqual(expect.objectContaining({ by: 'editing', person: ANN, purpose: 'editing' }));
  });

  it('are told of the days asked for, of the last 31 where none are, of seven years at most', async () => {
    expect(await list(ANN, '?from=2026-01-01&until=2026-02-01')).toEqual([]);
    expect((await list(ANN, '?from=2020-01-01&until=2026-07-01')).length).toBeGreaterThan((await list(ANN)).length);
    for (const query of ['?from=2017-01-01&until=2026-02-02', '?from=2026-01-02&until=2026-01-02', '?from=2026-01-02&until=2026-01-01'])
      expect((await world.call(ANN, `/v1/me/accesses${query}`)).status, query).toBe(400);
  });

  it('are all told, page by page, each once, and come meanwhile what may', async () => {
    const editing = world.platform.as('editing');
    const window = { from: world.clock.now() - DAY_MS, until: world.clock.now() };
    for (let n = 0; n < 450; n++) {
      if (n % 3 === 0) world.clock.advance(1);
      await openSubjectData(editing, { purpose: 'editing', ...window, subjects: n % 2 === 0 ? [ANN] : [ANN, BOB], person: `p-${n}` });
    }
    const all: AccessList['accesses'] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const told = await page(ANN, `?from=2026-06-20&until=2026-06-23${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      await openSubjectData(editing, { purpose: 'editing', ...window, subjects: [ANN], person: 'meanwhile' });
      all.push(...told.accesses);
      sizes.push(told.accesses.length);
      cursor = told.cursor;
    } while (cursor !== undefined);
    expect(sizes.slice(0, 2)).toEqual([200, 200]);
    const people = all.flatMap(({ person }) => (person?.startsWith('p-') ? [person] : []));
    expect(people.toSorted()).toEqual(Array.from({ length: 450 }, (_, n) => `p-${n}`).toSorted());
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
  });

  it('C10.2-2: a page of one customer’s list is nobody else’s, nor of another window', async () => {
    const { cursor } = await page(ANN, '?from=2026-06-20&until=2026-06-23');
    expect((await world.call(BOB, `/v1/me/accesses?from=2026-06-20&until=2026-06-23&cursor=${cursor}`)).status).toBe(400);
    expect((await world.call(ANN, `/v1/me/accesses?from=2026-06-19&until=2026-06-23&cursor=${cursor}`)).status).toBe(400);
  });

  it('C10.1-1: what was read around what is on record is told to whom it belongs', async () => {
    await readAround(world.platform, 'relay', 'usage/acc-home-1/2026-05/');
    const at = new Date(world.clock.now()).toISOString();
    world.clock.set(Date.parse('2026-06-22T04:00:00Z'));
    await reconcile(world.platform, world.platform.kms.record, 3);
    const window = { from: '2026-05-01T00:00:00.000Z', until: '2026-06-01T00:00:00.000Z' };
    expect((await list(ANN)).filter(({ purpose }) => purpose === 'unexplained')).toEqual([
      { at, by: 'relay', person: null, purpose: 'unexplained', ...window },
    ]);
    expect((await list(BOB)).filter(({ purpose }) => purpose === 'unexplained')).toEqual([]);
    expect((await unexplained(world.platform)).length).toBe(1);
  });
});
