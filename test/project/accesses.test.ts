import { expect, it } from 'vitest';
import { UTILITY } from '../../events/index.ts';
import { ACCESSES, AccessProjection } from '../../lambdas/project/access-projection.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { accessTables } from '../../lambdas/project/tables.ts';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ManualClock, MemoryWorld } from '../support/memory-platform.ts';

const HOUR = 3_600_000;
const WINDOW = { from: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 0, 2) };

it('accesses by account: followed twice or made anew it is the same, without own looks, third parties’ and the utility’s', async () => {
  const world = new MemoryWorld();
  await openSubjectData(world.as('billing'), { purpose: 'billing', ...WINDOW, subjects: ['anna', 'ben', UTILITY] });
  await openSubjectData(world.as('usage-api'), { purpose: 'customer-view', ...WINDOW, subjects: ['anna'], person: 'anna' });
  await openSubjectData(world.as('third-party-api'), { purpose: 'third-party', ...WINDOW, subjects: ['anna'] });
  const project = world.as('project');
  const projection = new AccessProjection(project, accessTables(project.models));
  const streams = await Array.fromAsync(project.events.streams('access/'));
  for (const stream of [...streams, ...streams]) await projection.follow(stream, Number.POSITIVE_INFINITY);
  const followed = world.models.dump(ACCESSES);
  expect(followed.flatMap(({ value }) => (value === '' ? [] : [(JSON.parse(value) as { by: string }).by]))).toEqual(['billing', 'billing']);
  await rebuildModel(project, 'accesses');
  expect(world.models.dump(ACCESSES)).toEqual(followed);
});

it('an item whose end has come is gone when the service is started, and from a service that runs within the hour', async () => {
  const directory = temporaryDirectory();
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const left = async () => (await Array.fromAsync(platform.as('project').models.table('t').query('p', ''))).map(({ sort }) => sort);
  const open = () => createEmbeddedPlatform({ stateDir: directory, clock, timer: false });
  const item = (sort: string, endsAt?: number) => ({
    ...{ partition: 'p', sort, upTo: { stream: 'access/x', version: 0 }, value: Buffer.from('v') },
    ...(endsAt === undefined ? {} : { endsAt }),
  });
  let platform = await open();
  await platform
    .as('project')
    .models.table('t')
    .put([item('a', clock.now() + 1_000), item('b', clock.now() + 9_000), item('c')]);
  await platform.close();
  clock.advance(5_000);
  platform = await open();
  expect(await left()).toEqual(['b', 'c']);
  await platform.host.start({ queues: {} });
  clock.advance(HOUR);
  await platform.host.runDue();
  expect(await left()).toEqual(['c']);
  await platform.close();
  discard(directory);
});
