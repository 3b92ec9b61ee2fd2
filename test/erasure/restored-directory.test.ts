import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assignment } from '../../domain/exceptions/assignment.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import { ranPeriod } from '../../lambdas/billing/due-runs.ts';
import { billStreams } from '../../lambdas/billing/open-billing.ts';
import { noteWaiting, waitingBills } from '../../lambdas/billing/waiting-bills.ts';
import { issuedOf } from '../../lambdas/billing-feed/feed-book.ts';
import { readCursor } from '../../lambdas/close-day/cursor.ts';
import { consentsToExpire } from '../../lambdas/consent/consent-index.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { expireConsents } from '../../lambdas/consent/expire-consents.ts';
import { assigneeKey } from '../../lambdas/edit/assignees.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { openPoints } from '../../lambdas/register/open-points.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { pointOf } from '../../lambdas/shared/days/points.ts';
import { noteReclose, reclosesDue, settleReclose } from '../../lambdas/shared/days/reclose-agenda.ts';
import { noteMove, UNDER_WAY } from '../../lambdas/shared/devices/moves.ts';
import { foldStream, runDecider } from '../../lambdas/shared/streams.ts';
import { backUp, putBack, restored } from '../../platform/embedded/backup.ts';
import { temporaryDirectory } from '../contract/support/state.ts';
import { SEGMENT } from '../meterday/closing-world.ts';
import { FIRST, ZONE } from '../retention/retention-world.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME } from '../support/sealed-town.ts';
import { accountOf, DAY_MS, ErasureTown, RECIPIENT } from './erasure-town.ts';

let town: ErasureTown;
beforeEach(async () => {
  town = await ErasureTown.make();
  await town.days(1);
}, 60_000);
afterEach(() => town.close());

async function backup(): Promise<string> {
  const to = join(temporaryDirectory(), 'backup');
  await backUp(town.directory, to, town.clock.now());
  town.clock.advance(60_000);
  return to;
}

async function restore(from: string): Promise<void> {
  town.clock.advance(60_000);
  await town.platform.close();
  await putBack(from, town.directory, town.clock.now());
  await restored(town.directory);
  await town.reopen();
  await afterRestore(town.as('maintenance'));
}

/** Versions of the commits of a stream in the order in which they lie. */
async function versions(stream: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { version } of town.as('auditor').events.read(stream)) found.push(version);
  return found;
}

const meterDays = async () => (await Array.fromAsync(town.as('auditor').events.streams('meterday/'))).sort();
const meterOf = (home: number) => town.homes[home]!.options.meterId;

it('days that were closed since the backup are closed again, and bills of that time go out again, each with one place in the feed', async () => {
  await town.days(25);
  const from = await backup();
  await town.days(3);
  const [days, closed] = [await meterDays(), (await readCursor(town.as('close-day'), SEGMENT)).closed.get(ZONE)];
  const bills = await billStreams(town.as('billing'), accountOf(0));
  expect([bills.length, (await town.amounts(0)).length]).toEqual([1, 1]);
  const before = await versions('feed/billing/bills');
  expect(before.length).toBeGreaterThan(0);
  await restore(from);
  expect((await meterDays()).length).toBeLessThan(days.length);
  expect((await readCursor(town.as('close-day'), SEGMENT)).closed.size).toBe(0);
  expect(await town.amounts(0)).toEqual([]);
  expect(await issuedOf(town.as('billing-api'), bills)).toEqual([undefined]);
  await town.days(1);
  expect(await meterDays()).toEqual(expect.arrayContaining(days));
  expect((await readCursor(town.as('close-day'), SEGMENT)).closed.get(ZONE)).toBe(plusDays(closed!, 1));
  expect(await town.amounts(0)).toHaveLength(1);
  expect((await issuedOf(town.as('billing-api'), bills))[0]).toBeDefined();
  const after = await versions('feed/billing/bills');
  expect(after).toEqual(after.map((_, at) => at));
  expect(await ranPeriod(town.as('billing'), '2026-01-15')).toBeDefined();
}, 120_000);

it('notices to third parties go on from where the stream is', async () => {
  const told = () => versions(`party-feed/${RECIPIENT}`);
  const first = await town.consent(0);
  await town.platform.host.drain();
  const from = await backup();
  const revoke = (account: string, id: string) => new Consents(town.as('consent'), defencesUnderTest()).revoke({ account }, id);
  const second = await town.consent(1);
  await revoke(accountOf(1), second);
  await revoke(accountOf(0), first);
  await town.platform.host.drain();
  const before = await told();
  expect(before.length).toBeGreaterThan(0);
  await restore(from);
  await town.platform.host.drain();
  await revoke(accountOf(2), await town.consent(2));
  await town.platform.host.drain();
  const after = await told();
  expect(after.length).toBeGreaterThan(0);
  expect(after).toEqual(after.map((_, at) => at));
}, 120_000);

it('where a meter is, and whose its readings are, is what the streams say', async () => {
  const moved = meterOf(2);
  const from = await backup();
  const earlier = await pointOf(
    town.as('close-day'),
    town.homes.map(({ options }) => options.meterId),
  );
  await endTenancy(town.as('enrol'), 'home-0', localDay(town.today, ZONE).start * 1000);
  const entry = { usagePoint: 'annex', premises: 'p-9', zone: ZONE, areaLeaf: 'area-1', meterClass: 'residential' as const };
  const stranger = 'ab'.repeat(8);
  const meter = { meterId: stranger, from: localDay(FIRST, ZONE).start * 1000, asset: HOME };
  await openPoints(town.as('enrol'), [{ ...entry, meter, tariff: { tariff: 'flat', from: '2026-01-01' } }]);
  expect((await pointOf(town.as('close-day'), [meterOf(0), stranger])).map((points) => points.length)).toEqual([1, 1]);
  expect((await pointOf(town.as('close-day'), [meterOf(0)]))[0]).not.toEqual(earlier[0]);
  await restore(from);
  expect(
    await pointOf(
      town.as('close-day'),
      town.homes.map(({ options }) => options.meterId),
    ),
  ).toEqual(earlier);
  expect(await pointOf(town.as('close-day'), [stranger])).toEqual([[]]);
  const { state } = await foldStream(town.as('enrol').events, 'usagepoint/home-2', usagePoint);
  expect(state.status === 'open' && state.installations.map(({ meterId }) => meterId)).toEqual([moved]);
}, 120_000);

it('a move of a meter that is in no stream any more holds up no restore, and is over', async () => {
  const from = await backup();
  const stranger = 'cd'.repeat(8);
  await noteMove(town.as('maintenance').directory, stranger, '00001');
  await restore(from);
  expect((await town.as('maintenance').directory.get(UNDER_WAY + stranger))?.length).toBe(0);
}, 120_000);

it('consents that ended since the backup are ended again', async () => {
  const id = await town.consent(0);
  const from = await backup();
  const expire = () => expireConsents(town.as('consent'), new Consents(town.as('consent'), defencesUnderTest()));
  town.clock.advance(202 * DAY_MS);
  expect(await expire()).toBe(1);
  town.clock.advance(2 * DAY_MS);
  expect(await expire()).toBe(0);
  await restore(from);
  const status = async () => (await new Consents(town.as('account-api'), defencesUnderTest()).of(accountOf(0), id)).status;
  expect(await status()).toBe('granted');
  expect(await consentsToExpire(town.as('consent').directory, town.clock.now())).toContain(id);
  expect(await expire()).toBe(1);
  expect(await status()).toBe('expired');
}, 120_000);

it('who looks after a row is what its stream says, and a row without stream is nobody’s', async () => {
  const [kept, begun] = ['a2VwdA', 'YmVndW4'];
  const assign = async (row: string, to: string | null) => {
    const editing = town.as('editing');
    const command = { type: 'AssignRow', row, to, by: 'ann', at: town.clock.now() } as const;
    const { state } = await runDecider(editing.events, `exception/${row}`, assignment, command);
    await editing.directory.put([{ key: assigneeKey(row), value: Buffer.from(state.assignee ?? '') }]);
  };
  const whose = async (row: string) => (await town.as('editing').directory.get(assigneeKey(row)))?.toString();
  await assign(kept, 'ann');
  const from = await backup();
  await assign(kept, 'ben');
  await assign(begun, 'ben');
  await restore(from);
  expect([await whose(kept), await whose(begun)]).toEqual(['ann', '']);
}, 120_000);

it('bills that were let go, and days that were closed again, are looked at once more, and then no more', async () => {
  const billing = town.as('billing');
  const period = { from: '2025-11-01', until: '2025-12-01' };
  const target = { account: accountOf(0), usagePoint: 'home-0' };
  await noteWaiting(billing, period, target, true);
  await noteReclose(town.as('archive'), meterOf(0), FIRST, town.clock.now());
  const from = await backup();
  const settle = async () => {
    await noteWaiting(town.as('billing'), period, target, false);
    await settleReclose(town.as('close-day'), await reclosesDue(town.as('close-day')));
  };
  const due = async () => [await waitingBills(town.as('billing')), (await reclosesDue(town.as('close-day'))).map(({ day }) => day)];
  await settle();
  expect(await due()).toEqual([[], []]);
  await restore(from);
  expect(await due()).toEqual([[{ period, targets: [target] }], [FIRST]]);
  await settle();
  expect(await due()).toEqual([[], []]);
}, 120_000);
