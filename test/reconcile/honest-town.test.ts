import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProject } from '../../lambdas/project/handler.ts';
import { openPoints, type PointEntry } from '../../lambdas/register/open-points.ts';
import { makeRelay } from '../../lambdas/relay/handler.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { requestVerification } from '../../lambdas/shared/access/verification-requests.ts';
import { localDay, plusDays, provisionalAt } from '../../lambdas/shared/days/local-days.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { rowIdOf } from '../../platform/ports/subject-rows.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ClosingWorld, type Enrolled } from '../meterday/closing-world.ts';
import { ASSET } from '../subjects/given.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { findings, readAround, reconcile, unexplained } from './reconcile-world.ts';

const ZONE = 'Europe/London';
const FIRST = '2026-01-30';
const HOUR = 3_600_000;
const DAY_MS = 24 * HOUR;

let directory: string;
let embedded: Embedded;
let clock: ManualClock;
let town: ClosingWorld;
let meters: Enrolled[];

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new ManualClock(localDay(FIRST, ZONE).start * 1000);
  const defences = defencesUnderTest();
  embedded = await createEmbeddedPlatform({ stateDir: join(directory, 'state'), clock, defences, timer: false, retryMs: 1 });
  town = new ClosingWorld(clock.now(), { as: embedded.as, clock });
  meters = [await town.enrol({ firstDay: FIRST }), await town.enrol({ firstDay: FIRST })];
  await openPoints(embedded.as('enrol'), meters.map(pointOf));
  const feeds = { project: makeProject(embedded.as('project'), defences), relay: makeRelay(embedded.as('relay'), defences) };
  await embedded.host.start({ queues: {}, feeds });
});

afterEach(async () => {
  await embedded.close();
  discard(directory);
});

function pointOf({ options }: Enrolled, i: number): PointEntry {
  const since = localDay(FIRST, ZONE).start * 1000;
  const point = { usagePoint: `up-${i + 1}`, premises: `p-${i + 1}`, zone: ZONE, areaLeaf: 'north-1', meterClass: 'residential' as const };
  const meter = { meterId: options.meterId, from: since, asset: ASSET };
  return { ...point, meter, tenant: { accountId: `acc-${i + 1}`, from: since }, tariff: { tariff: 'flat', from: '2026-01-01' } };
}

/** A day as the town lives it: hourly frames, of the second home some are lost, closing at 07:00, and whatever the feeds make of it. */
async function live(day: string): Promise<void> {
  const { start, end } = localDay(day, ZONE);
  for (let at = start + 900; at <= end; at += 900)
    for (const [i, meter] of meters.entries()) {
      meter.measure(at, 50 + ((at / 900) % 41));
      if (at % 3_600 !== 0) continue;
      const frames = meter.frames(at);
      if (i === 0 || at % 10_800 !== 0) await town.say(meter, frames, at * 1000 + 90_000);
    }
  await town.close(provisionalAt(day, ZONE));
  await embedded.host.drain();
}

/** To the hour at which everything of the day before is due. */
async function nextNight(): Promise<void> {
  clock.set((Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS + 3 * HOUR);
  await reconcile(embedded, embedded.kms.record);
}

describe('every night, the key service’s record is held against the accesses on record', () => {
  it('of an honest town of days that were closed, estimated and projected, over a month’s end, nothing is left unexplained', async () => {
    for (let n = 0; n < 4; n++) await live(plusDays(FIRST, n));
    const customer = embedded.as('usage-api');
    const window = { from: Date.parse(FIRST), until: clock.now() };
    await openSubjectData(customer, { purpose: 'customer-view', ...window, subjects: ['acc-1'], person: 'acc-1' });
    for (const month of ['2026-01', '2026-02']) await readAround(embedded, 'usage-api', `usage/acc-1/${month}/`);
    await nextNight();
    const found = await findings(embedded);
    const days = found.flatMap((event) => (event.type === 'AccessReconciled' ? [event.data] : []));
    expect(days.map(({ day }) => day)).toEqual(['2026-01-30', '2026-01-31', '2026-02-01', '2026-02-02', '2026-02-03']);
    expect(days.reduce((sum, { openings }) => sum + openings, 0)).toBeGreaterThan(10);
    expect(found.filter(({ type }) => type !== 'AccessReconciled')).toEqual([]);
  });

  it('C10.1-1: a function that opens a customer’s key around the one way to it is found the next night, with whose it was and when', async () => {
    await live(FIRST);
    const at = clock.now() + HOUR;
    clock.set(at);
    await readAround(embedded, 'relay', 'usage/acc-2/2026-01/');
    clock.advance(1_000);
    await readAround(embedded, 'relay', 'usage/acc-2/2026-01/');
    await nextNight();
    expect(await unexplained(embedded)).toMatchObject([
      {
        principal: 'relay',
        operation: 'decrypt',
        subject: 'acc-2',
        row: expect.stringMatching(/^usage\/acc-2\/2026-01\//),
        times: 2,
        first: at,
        last: at + 1_000,
      },
    ]);
  });

  it('C10.1-1: an access to one customer explains no look at another, an old one no new look, and one function’s no other’s', async () => {
    await live(FIRST);
    clock.advance(2 * HOUR);
    const window = { from: localDay(FIRST, ZONE).start * 1000, until: clock.now() };
    await openSubjectData(embedded.as('billing'), { purpose: 'billing', ...window, subjects: ['acc-1'] });
    await readAround(embedded, 'billing', 'usage/acc-1/2026-01/');
    await readAround(embedded, 'billing', 'usage/acc-2/2026-01/');
    await readAround(embedded, 'editing', 'usage/acc-1/2026-01/');
    clock.advance(HOUR);
    await readAround(embedded, 'billing', 'usage/acc-1/2026-01/');
    await nextNight();
    expect((await unexplained(embedded)).map(({ principal, subject, times }) => [principal, subject, times])).toEqual([
      ['billing', 'acc-2', 1],
      ['editing', 'acc-1', 1],
      ['billing', 'acc-1', 1],
    ]);
  });

  it('C10.1-1: so is a key that somebody makes in a customer’s name, to have it at hand when it is used', async () => {
    await live(FIRST);
    const row = rowIdOf('usage/acc-1/2026-03/', clock.now());
    await embedded.as('editing').kms.generateDataKey('subject-kek', { row, subject: 'acc-1' });
    await nextNight();
    expect((await unexplained(embedded)).map(({ principal, operation }) => `${principal} ${operation}`)).toEqual([
      'editing generateDataKey',
    ]);
  });

  it('the auditor’s checks are counted, and so is who tried and was refused', async () => {
    await live(FIRST);
    await embedded.as('auditor').events.verify(`meterday/${meters[0]!.options.meterId}/${FIRST}`);
    await expect(readAround(embedded, 'enrol', 'usage/acc-1/2026-01/')).rejects.toMatchObject({ code: 'ERR_KEY_TABLE_ACCESS_DENIED' });
    await expect(
      embedded.as('ingest').kms.decrypt('subject-kek', Buffer.alloc(64), { row: 'usage/acc-1/2026-01/1', subject: 'acc-1' }),
    ).rejects.toThrow();
    await nextNight();
    const [, done] = await findings(embedded);
    expect(done).toMatchObject({ type: 'AccessReconciled', data: { verified: 1, unasked: 1, refused: 1, unexplained: 0, doubts: 0 } });
  });

  it('C10.1-1: the auditor’s checks are held against who said that they would verify, over midnight as well, and only so long', async () => {
    await live(FIRST);
    const stream = `meterday/${meters[0]!.options.meterId}/${FIRST}`;
    const verify = async () => {
      // With nothing in memory: every check opens the key again.
      clock.advance(HOUR);
      await embedded.as('auditor').events.verify(stream);
    };
    clock.set(Date.parse('2026-01-31T22:30:00Z'));
    await requestVerification(embedded.as('console-api').events, 'ann', clock.now());
    await verify();
    await verify();
    clock.set(Date.parse('2026-02-01T01:29:00Z'));
    await verify();
    await verify();
    await nextNight();
    await nextNight();
    const days = (await findings(embedded)).flatMap((event) => (event.type === 'AccessReconciled' ? [event.data] : []));
    expect(days.filter(({ verified }) => verified > 0).map(({ day, verified, unasked }) => [day, verified, unasked])).toEqual([
      ['2026-01-31', 1, 0],
      ['2026-02-01', 3, 1],
    ]);
  });

  it('a night that was missed, or broke off, is made up for, and nothing is told twice', async () => {
    await live(FIRST);
    clock.set(Date.parse('2026-01-31T20:00:00Z'));
    await readAround(embedded, 'relay', 'usage/acc-2/2026-01/');
    clock.set(Date.parse('2026-02-04T02:59:59Z'));
    const broken = embedded.as('reconcile').events;
    let appended = 0;
    const failing = {
      ...embedded.as('reconcile'),
      events: new Proxy(broken, {
        get: (store, name) => {
          const value = Reflect.get(store, name) as unknown;
          if (name === 'append' && ++appended > 3) throw new Error('ended here');
          return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(store) : value;
        },
      }),
    };
    await expect(reconcile({ as: () => failing }, embedded.kms.record)).rejects.toThrow('ended here');
    await reconcile(embedded, embedded.kms.record, 2);
    const found = await findings(embedded);
    expect(found.map(({ type, stream }) => `${stream} ${type}`)).toEqual([
      'audit/2026-01-30 AccessReconciled',
      'audit/2026-01-31 AccessUnexplained',
      'audit/2026-01-31 AccessReconciled',
      'audit/2026-02-01 AccessReconciled',
      'audit/2026-02-02 AccessReconciled',
    ]);
    clock.advance(1_000);
    await reconcile(embedded, embedded.kms.record);
    expect((await findings(embedded)).at(-1)).toMatchObject({ stream: 'audit/2026-02-03', type: 'AccessReconciled' });
  });
});
