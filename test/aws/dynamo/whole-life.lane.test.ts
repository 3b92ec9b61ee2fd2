import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { rebuildModel } from '../../../lambdas/project/rebuild.ts';
import { runRetention } from '../../../lambdas/retention/run-retention.ts';
import { openSubjectData } from '../../../lambdas/shared/access/subject-data.ts';
import { plusDays } from '../../../lambdas/shared/days/local-days.ts';
import { type DayReadings, meterDays } from '../../../lambdas/shared/days/meter-days.ts';
import { FIRST, STREAM } from '../../retention/retention-world.ts';
import { DynamoWorld } from './dynamo-world.ts';
import { allRows } from './tables.ts';

/** January 2026 has been over for 13 months. */
const DUE = Date.UTC(2027, 2, 2, 12);
const WINDOW = { from: plusDays(FIRST, -1), until: plusDays(FIRST, 4) };

let world: DynamoWorld;
beforeEach(async () => {
  world = await DynamoWorld.on(inject('dynamodbEndpoint'));
});
afterEach(() => world.close());

async function answer(): Promise<DayReadings[]> {
  const reader = world.as('project');
  const access = await openSubjectData(reader, { purpose: 'projection', from: 0, until: 4e12, subjects: ['utility'] });
  const found: DayReadings[] = [];
  for (const { options } of world.homes) found.push(...(await Array.fromAsync(meterDays(reader, options, WINDOW, access))));
  return found;
}

/** What TTL does, some day. */
async function expire(): Promise<number> {
  const due = (await allRows(world.client, world.tables.events)).filter(({ expiresAt }) => expiresAt !== undefined);
  for (const { pk, sk } of due)
    await world.client.send(new DeleteItemCommand({ TableName: world.tables.events, Key: { pk: pk!, sk: sk! } }));
  return due.length;
}

describe('two homes whose streams, keys, read models and directory lie on DynamoDB', () => {
  it('are ingested, projected, closed, trimmed after 28 days and archived after 13 months, and answered alike all along', async () => {
    await world.live(3);
    await world.play(plusDays(FIRST, 3));
    await rebuildModel(world.as('project'), 'segments');
    const before = await answer();
    expect(before.map(({ standing }) => standing)).toEqual(['final', 'final', 'final', 'open', 'final', 'final', 'final', 'open']);
    expect(before[3]!.channels[0]!.slots).toHaveLength(96);
    for (let n = 3; n < 34; n++) await world.closeDay(plusDays(FIRST, n));
    await world.open();
    const closed = await answer();
    expect(closed.length).toBe(8);
    const { segments, failed } = await runRetention(world.as('archive'));
    expect([segments.length, failed]).toEqual([1, 0]);
    expect(segments[0]!.events).toBeGreaterThan(4);
    expect(await world.as('auditor').events.anchor(STREAM)).toMatchObject({ why: 'checkpoint' });
    expect(await expire()).toBeGreaterThan(4);
    await world.open();
    expect(await answer()).toEqual(closed);
    world.clock.set(DUE);
    const archived = await runRetention(world.as('archive'));
    expect([archived.months, archived.failed]).toEqual([2, 0]);
    expect(archived.days).toBeGreaterThanOrEqual(8);
    expect(await expire()).toBeGreaterThan(8);
    await world.open();
    expect(await answer()).toEqual(closed);
    expect(await runRetention(world.as('archive'))).toMatchObject({ months: 0, failed: 0, swept: 0 });
  });
});
