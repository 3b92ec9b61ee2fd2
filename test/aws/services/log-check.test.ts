import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { checkRun } from '../../../lambdas/log-check/check-run.ts';
import { numberOf, textOf } from '../../../platform/aws/dynamo/row.ts';
import { OperationCounts } from '../../../platform/aws/operations.ts';
import { telemetryCommit } from '../../contract/support/events.ts';
import { checkBattery } from '../../log-check/battery.ts';
import { CheckedStore } from '../../log-check/checked-store.ts';
import { TABLE, tamperedAws } from './support/tampered-events.ts';

checkBattery('on the adapters of AWS', tamperedAws);

const SEGMENT = 'segment/00000';

it('C10.1-7: a body that lies apart and is gone, or another’s, is found, and one that retention took out is not', async () => {
  const on = await tamperedAws();
  const store = new CheckedStore(on);
  const { events } = on.as('ingest');
  for (const name of ['a', 'b']) await events.append(await events.head(SEGMENT), telemetryCommit(name, 9_000)).durable;
  await store.tell();
  expect(await store.check()).toEqual([]);
  const [first, second] = [...on.world.objects.keys()].filter((key) => key.startsWith('bodies/')).sort();
  const bodies = [on.world.objects.get(first!)!, on.world.objects.get(second!)!] as const;
  on.world.objects.delete(second!);
  const altered = [`${SEGMENT}  version 1  altered`, `${SEGMENT}  version 1  not as logged`];
  expect(await store.check()).toEqual(altered);
  on.world.objects.set(second!, bodies[0]);
  expect(await store.check()).toEqual(altered);
  on.world.objects.set(second!, bodies[1]);
  expect(await store.check()).toEqual([]);
  const head = await events.latest(SEGMENT);
  await on.as('archive').events.trim(head, Buffer.alloc(32, 1));
  expect([...on.world.objects.keys()].filter((key) => key.startsWith('bodies/'))).toEqual([]);
  expect(await store.check()).toEqual([]);
});

it('C10.1-7: what stands in the place of a commit as retention leaves it, without its signature, is no commit', async () => {
  const on = await tamperedAws();
  const store = new CheckedStore(on);
  await store.grow(3);
  const [item] = on.world.rows('events', 'relay/b').filter((row) => numberOf(row, 'sk') === 1);
  const { envelope: _envelope, tag: _tag, body: _body, ...rest } = item!;
  await on.world.dynamo.client.send(new PutItemCommand({ ...TABLE, Item: { ...rest, gone: { BOOL: true } } }));
  expect(await store.check()).toEqual([`${textOf(item!, 'pk')}  version 1  gone`]);
});

it('C10.1-7: asks for one item for each commit that is as it was logged, and the key service for public halves alone', async () => {
  const on = await tamperedAws();
  const store = new CheckedStore(on);
  await store.grow(40);
  const operations = new OperationCounts();
  expect(await checkRun(on.world.as('log-check', operations))).toEqual({ findings: [], checked: 120, unchecked: 0 });
  const counted = operations.snapshot();
  expect(counted.get('dynamodb.read')).toEqual({ calls: 120, units: 120 });
  expect([...counted.keys()].sort()).toEqual(['dynamodb.read', 'kms.asymmetric', 's3.get', 's3.put']);
  expect(counted.get('s3.put')!.calls).toBeLessThan(4);
});
