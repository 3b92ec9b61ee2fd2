import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scheduleExpression } from '../../lib/constructs/schedules.ts';
import { FEEDS } from '../../topology/feeds.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { QUEUES } from '../../topology/queues.ts';
import { CORE, OPERATOR_LINK, synthesize } from './app.ts';
import { type Placed, resolved } from './resolved.ts';

const WITH_IDENTITY = { stacks: `${CORE.stacks},identity` };
const all = resolved(synthesize({ ...WITH_IDENTITY, stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'meters.example.org' }));
const ofType = (type: string) => all.filter(({ Type, stack }) => Type === type && stack === 'services');
const functions = ofType('AWS::Lambda::Function');
const named = (name: string) => functions.find(({ Properties }) => Properties['FunctionName'] === `joulekeep-prod-${name}`)!;
const mappings = ofType('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
const queueArn = (name: string) => `arn:aws:sqs:eu-central-1:111122223333:joulekeep-prod-${name}`;

describe('functions', () => {
  it('there is one for each of topology, from a file that is there', () => {
    expect(functions.map(({ Properties }) => Properties['FunctionName'])).toEqual(FUNCTIONS.map(({ name }) => `joulekeep-prod-${name}`));
    expect(FUNCTIONS.filter(({ entry }) => !existsSync(entry))).toEqual([]);
  });

  it.each(FUNCTIONS.map((spec) => [spec.name, spec] as const))(
    '%s runs on Arm and Node 24, under the role of its principal',
    (name, spec) => {
      expect(named(name).Properties).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        MemorySize: spec.memoryMb,
        Timeout: spec.timeoutSeconds,
        Role: `arn:aws:iam::111122223333:role/joulekeep-prod-${spec.principal}`,
        Environment: {
          Variables: {
            JOULEKEEP_STAGE: 'prod',
            JOULEKEEP_PRINCIPAL: spec.principal,
            JOULEKEEP_BUCKET: 'joulekeep-prod-objects-111122223333-eu-central-1',
          },
        },
      });
    },
  );

  it('only those that people wait for begin a trace: any other would begin one at nearly every call of a small fleet', () => {
    const modes = (functions: readonly Placed[]) =>
      Object.fromEntries(
        functions.map(({ Properties }) => [Properties['FunctionName'], (Properties['TracingConfig'] as { readonly Mode: string }).Mode]),
      );
    const expected = FUNCTIONS.map(({ name, trigger }) => [`joulekeep-prod-${name}`, trigger.kind === 'route' ? 'Active' : 'PassThrough']);
    expect(modes(functions)).toEqual(Object.fromEntries(expected));
    expect(new Set(Object.values(modes(functions)))).toEqual(new Set(['Active', 'PassThrough']));
    const searching = resolved(synthesize({ ...CORE, tracing: 'everything' }));
    const traced = modes(searching.filter(({ Type }) => Type === 'AWS::Lambda::Function'));
    expect(Object.keys(traced)).toHaveLength(FUNCTIONS.length);
    expect(new Set(Object.values(traced))).toEqual(new Set(['Active']));
  });

  it('R9.1-3: the environment of a function holds no secret, and its log lies encrypted for as long as the stage says', () => {
    const customer = { JOULEKEEP_CUSTOMER_DOOR: 'https://my.meters.example.org' };
    const console = { JOULEKEEP_CONSOLE_DOOR: 'https://console.meters.example.org' };
    const doors = { ...customer, JOULEKEEP_THIRD_PARTY_DOOR: 'https://third-party.meters.example.org' };
    const identity = {
      JOULEKEEP_IDENTITY_ISSUER: 'identity/pool.ProviderURL',
      JOULEKEEP_IDENTITY_HOSTED: 'https://sign-in.meters.example.org',
      JOULEKEEP_PORTAL_CLIENT: 'clientportal',
      JOULEKEEP_CONSOLE_CLIENT: 'clientconsole',
    };
    const signedIn = {
      edit: console,
      audit: console,
      'bill-desk': console,
      'console-api': console,
      'account-api': customer,
      'usage-api': customer,
    };
    const networks = { JOULEKEEP_PRIVATE_NETWORKS: '10.20.0.0/16' };
    const more = {
      ...signedIn,
      session: { ...customer, ...console, ...identity },
      authorization: doors,
      'third-party-api': doors,
      deliver: networks,
      redeliver: networks,
      reconcile: { JOULEKEEP_KEY_RECORD: 'joulekeep-prod-key-record-111122223333-eu-central-1/111122223333/eu-central-1' },
    };
    expect(functions.length).toBeGreaterThan(20);
    for (const { name } of FUNCTIONS) {
      const { Variables } = named(name).Properties['Environment'] as { readonly Variables: Readonly<Record<string, string>> };
      const { JOULEKEEP_BUCKET: _bucket, JOULEKEEP_PRINCIPAL: _principal, JOULEKEEP_STAGE: _stage, ...others } = Variables;
      expect([name, others]).toEqual([name, Object.hasOwn(more, name) ? more[name as keyof typeof more] : {}]);
    }
    const logs = ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties);
    expect(logs).toHaveLength(FUNCTIONS.length);
    for (const log of logs)
      expect(log).toMatchObject({ RetentionInDays: 400, KmsKeyId: expect.stringContaining(':key/storageoperations') });
  });

  it('without a domain no door has an address, without an operator link no private network is called', () => {
    const bare = resolved(synthesize({ ...CORE })).filter(({ Type, stack }) => Type === 'AWS::Lambda::Function' && stack === 'services');
    const told = bare.flatMap(({ Properties }) => Object.keys((Properties['Environment'] as { readonly Variables: object }).Variables));
    // One is told where the key service's own record lies.
    expect(told).toHaveLength(FUNCTIONS.length * 3 + 1);
    expect(new Set(told)).toEqual(new Set(['JOULEKEEP_BUCKET', 'JOULEKEEP_KEY_RECORD', 'JOULEKEEP_PRINCIPAL', 'JOULEKEEP_STAGE']));
  });

  it('T8.1-4, C10.1-8: each has invocations of its own that nobody else can take', () => {
    for (const { name, reservedConcurrency } of FUNCTIONS) {
      expect(named(name).Properties['ReservedConcurrentExecutions']).toBe(reservedConcurrency);
      expect(reservedConcurrency).toBeGreaterThan(0);
    }
    expect(new Set(FUNCTIONS.map(({ name }) => name)).size).toBe(FUNCTIONS.length);
  });
});

describe('queues to functions', () => {
  const received = FUNCTIONS.flatMap((spec) =>
    spec.trigger.kind === 'queue' ? spec.trigger.queues.map((queue) => ({ queue, spec, of: spec.trigger })) : [],
  );

  it.each(received.map(({ queue, spec }) => [queue, spec] as const))(
    'T8.1-4, C10.1-8: %s: a failed message alone comes again, none is filtered out',
    (queue, spec) => {
      const mapping = mappings.find((candidate) => candidate['EventSourceArn'] === queueArn(queue))!;
      expect(mapping).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BatchSize: QUEUES.find(({ name }) => name === queue)!.batchSize,
      });
      expect(mapping['FilterCriteria']).toBeUndefined();
      expect(mapping['FunctionName']).toBe(named(spec.name).id);
    },
  );

  it('T8.1-4: queues take no more at a time than their function may run, together', () => {
    for (const { name, trigger, reservedConcurrency } of FUNCTIONS) {
      if (trigger.kind !== 'queue') continue;
      const own = mappings.filter((mapping) => trigger.queues.some((queue) => mapping['EventSourceArn'] === queueArn(queue)));
      const sum = own.reduce(
        (total, mapping) => total + (mapping['ScalingConfig'] as { MaximumConcurrency: number }).MaximumConcurrency,
        0,
      );
      expect([name, own.length]).toEqual([name, trigger.queues.length]);
      expect(sum).toBeLessThanOrEqual(reservedConcurrency);
    }
  });

  it('a message stays hidden for six times as long as its function may take', () => {
    for (const { queue, spec } of received)
      expect(QUEUES.find(({ name }) => name === queue)!.visibilitySeconds).toBeGreaterThanOrEqual(6 * spec.timeoutSeconds);
  });
});

describe('commits to functions', () => {
  it.each(FEEDS.map((feed) => [feed.name, feed] as const))(
    'C10.1-8: %s: of its streams alone, and a poisoned commit holds up no shard',
    (_, feed) => {
      const S = feed.streams.map((prefix) => ({ prefix }));
      const pattern = JSON.stringify({ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S } } } });
      const wanted = {
        FunctionName: named(feed.function).id,
        BatchSize: feed.batchSize,
        ParallelizationFactor: feed.parallelization,
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10_000,
        MaximumRecordAgeInSeconds: feed.patienceHours * 3_600,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: queueArn(feed.onFailure) } },
        FilterCriteria: { Filters: [{ Pattern: pattern }] },
      };
      expect(mappings).toContainEqual(expect.objectContaining(wanted));
    },
  );

  it('each feed has one mapping, on the change stream of the event table', () => {
    const feeds = mappings.filter((mapping) => mapping['StartingPosition'] !== undefined);
    expect(feeds).toHaveLength(FEEDS.length);
    for (const { EventSourceArn } of feeds as { EventSourceArn?: string }[])
      expect(EventSourceArn).toMatch(/^data\/tableevents\w+\.StreamArn$/);
    expect(
      FEEDS.every(({ timeoutSeconds, function: name }) => FUNCTIONS.find((spec) => spec.name === name)!.timeoutSeconds === timeoutSeconds),
    ).toBe(true);
  });
});

describe('schedules', () => {
  const duties = FUNCTIONS.flatMap(({ name, trigger }) => (trigger.kind === 'schedule' ? [[name, trigger.everyMinutes] as const] : []));

  it.each(duties)('%s starts on the clock, in UTC, and a missed or failed run is told to people', (name, everyMinutes) => {
    const schedule = ofType('AWS::Scheduler::Schedule').find(({ Properties }) => Properties['Name'] === `joulekeep-prod-${name}`)!;
    expect(schedule.Properties).toMatchObject({
      ScheduleExpression: scheduleExpression(everyMinutes),
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { DeadLetterConfig: { Arn: queueArn('missed-schedules') } },
    });
    const invoked = ofType('AWS::Lambda::EventInvokeConfig').find(({ Properties }) => Properties['FunctionName'] === named(name).id)!;
    expect(invoked.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: queueArn('missed-schedules') } },
    });
  });

  it('says parts of an hour and of a day, and nothing else', () => {
    expect([5, 60, 360, 1440].map(scheduleExpression)).toEqual([
      'cron(0/5 * * * ? *)',
      'cron(0 * * * ? *)',
      'cron(0 0/6 * * ? *)',
      'cron(0 0 * * ? *)',
    ]);
    for (const minutes of [7, 90, 300, 2880, 0]) expect(() => scheduleExpression(minutes)).toThrow(RangeError);
  });
});
