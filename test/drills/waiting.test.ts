import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { PowertoolsLog } from '../../platform/aws/log.ts';
import { EmbeddedHost, type HostHandlers } from '../../platform/embedded/host/host.ts';
import { EmbeddedQueues } from '../../platform/embedded/queues.ts';
import { QUEUES } from '../../topology/queues.ts';
import { FIRST_HOUR, IngestWorld } from '../ingest/ingest-world.ts';
import { SILENT } from '../platform/gateway-fixture.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { Faults, faulty } from '../support/faults.ts';
import { telemetryBody } from '../support/sealed-town.ts';
import { lambdaContext, sqsEvent } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const HOUR = 3_600_000;
const TELEMETRY = QUEUES.find(({ name }) => name === 'telemetry')!;

let duty: Duty;
let directory: string;
let queues: EmbeddedQueues;
let world: IngestWorld;
let faults: Faults;
let host: EmbeddedHost;
let sent: number;
beforeEach(async () => {
  duty = new Duty();
  directory = mkdtempSync(join(tmpdir(), 'joulekeep-drill-'));
  queues = new EmbeddedQueues(join(directory, 'queues.db'), QUEUES);
  world = await IngestWorld.make({ meters: 2 });
  faults = new Faults();
  sent = 0;
});
afterEach(async () => {
  await host?.stop();
  queues.close();
  rmSync(directory, { recursive: true });
  duty.end();
});

/** As on AWS, with its log. */
const ingest = () =>
  makeIngest({ ...faulty(world.world.as('ingest'), faults), log: new PowertoolsLog('ingest') }, defencesUnderTest(), {
    limits: INGEST_LIMITS,
  });

async function work(handlers: HostHandlers['queues']): Promise<void> {
  host = new EmbeddedHost({ queues, clock: world.world.clock, log: SILENT, specs: QUEUES, retryMs: 0, timer: false });
  await host.start({ queues: handlers });
}

/** One batch of every meter's next hour. */
function batch(): string {
  const at = FIRST_HOUR + sent++ * HOUR;
  world.world.clock.set(Math.max(at, world.world.clock.now()));
  return telemetryBody(
    'one',
    at,
    1 + sent,
    world.town.map((meter) => meter.reading(at, [1, 2, 3, 4])),
  );
}

const standing = async () => (await queues.standing()).find(({ queue }) => queue === 'telemetry')!;
const namesOf = (kind: string) => duty.alarms.of(kind).map(({ Dimensions }) => Dimensions![0]!.Value);

it('dead-letters: a batch that no try could store lies in the queue that the alarm names, and is taken in when it is moved back', async () => {
  faults.set('store', { kind: 'down' });
  const body = batch();
  await queues.send('telemetry', body);
  await work({ telemetry: ingest() });
  await vi.waitFor(async () => expect(await standing()).toMatchObject({ waiting: 0, failed: 1 }), 30_000);
  expect(namesOf('dead-letters')).toContain(`joulekeep-prod-${TELEMETRY.deadLetter}`);
  expect((await world.readings()).readings).toBe(0);
  faults.set('store', undefined);
  const [message] = await queues.receive(TELEMETRY.deadLetter, 1);
  await queues.send('telemetry', message!.body);
  await host.drain();
  expect((await world.readings()).readings).toBe(8);
});

it('queue-age: messages wait while nobody works the queue, and none does when somebody does again', async () => {
  await queues.send('telemetry', batch());
  await queues.send('telemetry', batch());
  expect(await standing()).toMatchObject({ waiting: 2, failed: 0 });
  expect(namesOf('queue-age')).toContain('joulekeep-prod-telemetry');
  await work({ telemetry: ingest() });
  await host.drain();
  expect(await standing()).toMatchObject({ waiting: 0, failed: 0 });
  expect((await world.readings()).readings).toBe(16);
});

it('function-throttles: no more invocations of a queue run at a time than it may have, and the backlog is worked by those', async () => {
  let [running, most] = [0, 0];
  const gate = Promise.withResolvers<void>();
  for (let n = 0; n < 40; n++) await queues.send('telemetry', String(n));
  await work({
    telemetry: async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return { batchItemFailures: [] };
    },
  });
  await vi.waitFor(() => expect(running).toBe(TELEMETRY.concurrency));
  gate.resolve();
  await host.drain();
  expect(most).toBe(TELEMETRY.concurrency);
  expect(await standing()).toMatchObject({ waiting: 0, failed: 0 });
});

it('readings-not-taken: a key service that refuses while readings wait raises it, and neither alone does', async () => {
  faults.set('keyService', { kind: 'down' });
  const body = batch();
  const handler = ingest();
  const run = () => handler(sqsEvent('telemetry', [body]), lambdaContext('ingest'));
  expect((await run())?.batchItemFailures).toHaveLength(1);
  expect(duty.hears('kms-throttles')).toBe(true);
  const raised = ['kms-throttles', 'queue-age-telemetry'];
  expect(duty.alarms.isTogether('readings-not-taken', raised)).toBe(true);
  for (const one of raised) expect(duty.alarms.isTogether('readings-not-taken', [one])).toBe(false);
  duty.turn();
  faults.set('keyService', undefined);
  expect((await run())?.batchItemFailures).toEqual([]);
  expect(duty.hears('kms-throttles')).toBe(false);
  expect((await world.readings()).readings).toBe(8);
});

it('readings-missing: an hour in which nothing is put into the queue raises it, and the first batch ends it', async () => {
  const [alarm, ...others] = duty.alarms.of('readings-missing');
  expect(others).toEqual([]);
  expect(alarm).toMatchObject({ MetricName: 'NumberOfMessagesSent', Threshold: 1, TreatMissingData: 'breaching' });
  expect(duty.hears('readings-missing')).toBe(true);
  expect(namesOf('readings-missing')).toEqual([`joulekeep-prod-${TELEMETRY.name}`]);
  await queues.send('telemetry', batch());
  await work({ telemetry: ingest() });
  await host.drain();
  expect((await world.readings()).readings).toBe(8);
});

it('meters-silent: meters that say nothing for longer than a spool excuses raise it, and are over it when they speak', async () => {
  const { clock } = world.world;
  const say = () =>
    world.deliver(
      world.town.map((meter) => meter.reading(clock.now(), [1, 2, 3, 4])),
      'one',
      clock.now(),
    );
  const maintain = async () => {
    duty.turn();
    await makeMaintenance(world.world.as('maintenance'), defencesUnderTest())({} as never, lambdaContext('maintenance'));
  };
  clock.set(FIRST_HOUR);
  await say();
  await maintain();
  expect(duty.hears('meters-silent')).toBe(false);
  clock.advance(4 * 24 * HOUR);
  await maintain();
  expect(duty.hears('meters-silent')).toBe(true);
  expect(world.world.drain('service')).toHaveLength(2);
  clock.advance(4 * HOUR);
  await say();
  await maintain();
  expect(duty.hears('meters-silent')).toBe(false);
});
