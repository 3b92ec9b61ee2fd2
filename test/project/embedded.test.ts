import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { positionsAside, redrivePositions } from '../../bin/positions.ts';
import type { BillingEvent } from '../../events/catalogue/billing.ts';
import type { MeterDayEvent } from '../../events/index.ts';
import { DAY_SUMMARIES, daysOf } from '../../lambdas/project/day-summaries.ts';
import { EXCEPTIONS, exceptionGroups } from '../../lambdas/project/exceptions.ts';
import { makeProject } from '../../lambdas/project/handler.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { makeRelay } from '../../lambdas/relay/handler.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import { FAILED_POSITIONS } from '../../topology/queues.ts';
import { idOf } from '../contract/support/events.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { AT, collected, DAY, finalized, frame, provisional, restated } from './day-facts.ts';

let directory: string;
let embedded: Embedded;

beforeEach(async () => {
  directory = temporaryDirectory();
  await open();
});

afterEach(async () => {
  await embedded.close();
  discard(directory);
});

async function open(): Promise<void> {
  const defences = defencesUnderTest();
  embedded = await createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(AT), defences, timer: false, retryMs: 1 });
}

async function follow(): Promise<void> {
  const defences = defencesUnderTest();
  const feeds = { project: makeProject(embedded.as('project'), defences), relay: makeRelay(embedded.as('relay'), defences) };
  await embedded.host.start({ queues: {}, feeds });
  await embedded.host.drain();
}

async function record(meterId: string, subject: string, ...events: readonly MeterDayEvent[]): Promise<void> {
  const store = embedded.as('close-day').events;
  const key = { of: 'usage', subject, month: '2026-01' } as const;
  const head = await store.head(`meterday/${meterId}/${DAY}`, key);
  await store.append(head, { commitId: idOf(`${meterId}${head.version}`), events, subject: key }).durable;
}

async function summaries(usagePoint: string, subject: string): Promise<string[]> {
  const project = embedded.as('project');
  const window = { from: AT - 2 * 86_400_000, until: AT };
  const access = await openSubjectData(project, { purpose: 'customer-view', ...window, subjects: [subject] });
  const found = await daysOf(project.models.table(DAY_SUMMARIES), usagePoint, '2026-01', access);
  return found.map(({ meterId, state, outcome }) => `${meterId} ${state} ${outcome.channels[0]?.energyWh}`);
}

async function billing(): Promise<string[]> {
  const messages = await embedded.queues.receive('billing', 10, 0);
  return messages.map(({ body }) => (JSON.parse(body) as BillingEvent).id);
}

describe('the feed, the read models and the relay on the embedded platform', () => {
  it('what is recorded is projected and told, over a restart, each once', async () => {
    await record('m1', 'anna', collected(), provisional(1, { missing: 2 }));
    await follow();
    expect(await summaries('up-1', 'anna')).toEqual(['m1 provisional 9417']);
    await embedded.close();
    await open();
    await record('m1', 'anna', finalized(2));
    await follow();
    expect(await summaries('up-1', 'anna')).toEqual(['m1 final 9417']);
    expect(await billing()).toEqual([`meterday/m1/${DAY}/2`]);
    const [group] = await exceptionGroups(embedded.as('project').models.table(EXCEPTIONS), DAY, '2026-01-15');
    expect(group).toMatchObject({ cause: 'gap', meters: 1, status: 'closed' });
  });

  it('R9.1-3: destroying the key of a subject erases the projection as well, also for who has access', async () => {
    await record('m1', 'anna', collected(), finalized(1));
    await record('m2', 'ben', collected(frame({ meterId: 'm2', usagePoint: 'up-2', subject: 'ben' })), finalized(1));
    await follow();
    const archive = embedded.as('archive').keys;
    const rows = await archive.list('usage/anna/');
    expect(rows).toHaveLength(1);
    for (const { id } of rows) await archive.destroy(id);
    await embedded.close();
    await open();
    expect(await summaries('up-1', 'anna')).toEqual([]);
    expect(await summaries('up-2', 'ben')).toEqual(['m2 final 9417']);
    await rebuildModel(embedded.as('project'), 'days');
    expect(await summaries('up-1', 'anna')).toEqual([]);
    expect(await summaries('up-2', 'ben')).toEqual(['m2 final 9417']);
  });

  it('a day that the function chokes on is set aside, and keeps no other from being projected or told', async () => {
    const poison = { ...finalized(1), data: { revision: 0, channels: null, held: false, at: 'never' } } as unknown as MeterDayEvent;
    await record('m1', 'anna', collected(), poison);
    for (let meter = 2; meter <= 6; meter++) {
      const of = frame({ meterId: `m${meter}`, usagePoint: `up-${meter}` });
      await record(`m${meter}`, 'anna', collected(of), finalized(1));
    }
    await follow();
    for (let meter = 2; meter <= 6; meter++) expect(await summaries(`up-${meter}`, 'anna')).toEqual([`m${meter} final 9417`]);
    expect((await billing()).sort()).toEqual([2, 3, 4, 5, 6].map((meter) => `meterday/m${meter}/${DAY}/1`));
    const aside = (await embedded.queues.receive(FAILED_POSITIONS, 10, 0)).map(
      ({ body }) => JSON.parse(body) as { feed: string; stream: string },
    );
    expect(aside.map(({ feed, stream }) => `${feed} ${stream}`).sort()).toEqual([
      `project-days meterday/m1/${DAY}`,
      `relay meterday/m1/${DAY}`,
    ]);
  });

  it('what was set aside is shown as often as one looks, and taken when its function can', async () => {
    await record('m1', 'anna', collected(), finalized(1));
    await record('m1', 'anna', restated(2, 9_500));
    await embedded.host.start({ queues: {}, feeds: { relay: async () => Promise.reject(new Error('away')) } });
    await embedded.host.drain();
    const stream = `meterday/m1/${DAY}`;
    for (let look = 0; look < 5; look++)
      expect(positionsAside(embedded.queues)).toMatchObject([
        { feed: 'relay', function: 'relay', stream, version: 0, count: 2 },
        { feed: 'relay', function: 'relay', stream, version: 2, count: 1 },
      ]);
    let calls = 0;
    const failing = { relay: async () => Promise.reject(new Error(`away ${calls++}`)) };
    for (let time = 0; time < 4; time++) expect((await redrivePositions(embedded.queues, failing)).left).toHaveLength(2);
    // Behind a position that fails nothing of its stream is tried.
    expect(calls).toBe(4);
    const feeds = { relay: makeRelay(embedded.as('relay'), defencesUnderTest()) };
    expect(await redrivePositions(embedded.queues, feeds)).toMatchObject({ taken: [{ version: 0 }, { version: 2 }], left: [] });
    expect(await billing()).toEqual([`${stream}/1`, `${stream}/2`]);
    expect(positionsAside(embedded.queues)).toEqual([]);
  });

  it('of the log are evidence: nobody hands them over, however often', async () => {
    const position = { feed: 'log', function: 'log-collect', stream: 'segment/forged', version: 0, count: 1, attempts: 1 };
    await embedded.queues.send(FAILED_POSITIONS, JSON.stringify(position));
    let calls = 0;
    const feeds = {
      'log-collect': async () => {
        calls++;
        return { batchItemFailures: [] };
      },
    };
    for (let time = 0; time < 4; time++) expect(await redrivePositions(embedded.queues, feeds)).toEqual({ taken: [], left: [position] });
    expect(calls).toBe(0);
    expect(positionsAside(embedded.queues)).toEqual([position]);
  });
});
