import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { COUNTER_ALARMS } from '../../lib/alarms/counter-alarms.ts';
import { LOG_FILTERS } from '../../lib/alarms/log-alarms.ts';
import { PRIVATE_DOORS } from '../../lib/door-routes.ts';
import { MISSED_SCHEDULES, UNDELIVERED_EVENTS } from '../../lib/owned-queues.ts';
import { OperationsStack } from '../../lib/stacks/operations.ts';
import { FEEDS } from '../../topology/feeds.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { FAILED_POSITIONS, NOTICE_QUEUES, QUEUES, UNDELIVERED_NOTICES } from '../../topology/queues.ts';
import { DEV, ENV, PROD, Synthesized } from './synthesized.ts';

const make = (stage: typeof PROD) => new Synthesized((app) => new OperationsStack(app, 'operations', { stage, env: ENV }));
const prod = make(PROD);
const dev = make(DEV);

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
  readonly MetricName: string;
  readonly Namespace: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly TreatMissingData?: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
}
const plain = prod.of('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties as unknown as AlarmProperties);
const composite = prod.of('AWS::CloudWatch::CompositeAlarm').map(({ Properties }) => Properties as unknown as AlarmProperties);
const alarms = [...plain, ...composite];
const runbookOf = ({ AlarmDescription }: AlarmProperties) => /What to do: (docs\/runbooks\/[a-z-]+\.md)$/.exec(AlarmDescription)?.[1];
const sources = (folder: string) =>
  globSync(`${folder}/**/*.ts`)
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
/** Values of a dimension among the alarms of a metric. */
const watched = (metric: string, dimension: string) =>
  plain
    .filter(({ MetricName }) => MetricName === metric)
    .map(({ Dimensions = [] }) => Dimensions.find(({ Name }) => Name === dimension)?.Value);

describe('alarms and runbooks', () => {
  it('are there in number', () => {
    expect(alarms.length).toBeGreaterThan(80);
    expect(new Set(alarms.map(({ AlarmName }) => AlarmName)).size).toBe(alarms.length);
  });

  it('every alarm says what has happened and links its runbook, which exists', () => {
    for (const alarm of alarms) {
      const runbook = runbookOf(alarm);
      expect([alarm.AlarmName, runbook !== undefined && existsSync(runbook)]).toEqual([alarm.AlarmName, true]);
      expect(alarm.AlarmDescription).toMatch(/^[A-Za-z].{10,}\. What/);
    }
  });

  it('every runbook has an alarm', () => {
    const linked = new Set(alarms.map(runbookOf));
    const written = readdirSync('docs/runbooks').map((name) => `docs/runbooks/${name}`);
    expect(written.length).toBeGreaterThan(25);
    expect(written.filter((path) => !linked.has(path))).toEqual([]);
  });

  it.each(readdirSync('docs/runbooks'))('%s says what it means, how to see, what to do, when it is over, and how to drill it', (name) => {
    const text = readFileSync(`docs/runbooks/${name}`, 'utf8');
    expect([...text.matchAll(/^## (.+)\n(.)/gm)].map(([, heading]) => heading)).toEqual([
      'What it means',
      'How to see',
      'What to do',
      'When it is over',
      'Drill',
    ]);
  });

  it('every alarm tells the topic, which lies under a key of ours and takes from alarms of this account alone', () => {
    for (const { AlarmName, AlarmActions } of alarms)
      expect([AlarmName, AlarmActions]).toEqual([AlarmName, [{ Ref: expect.stringMatching(/^Topic/) }]]);
    expect(prod.of('AWS::SNS::Topic')[0]!.Properties).toMatchObject({
      KmsMasterKeyId: expect.anything(),
      TopicName: 'joulekeep-prod-alarms',
    });
    const policy = JSON.stringify(prod.of('AWS::SNS::TopicPolicy')[0]!.Properties);
    expect(policy).toContain('"Service":"cloudwatch.amazonaws.com"');
    expect(policy).toContain('aws:SourceAccount');
    expect(policy).toContain('aws:SecureTransport');
  });
});

describe('what is watched', () => {
  it('every queue where something is set aside, from the first message on', () => {
    const expected = [
      ...[...QUEUES, ...NOTICE_QUEUES].filter(({ name }) => name !== FAILED_POSITIONS).map(({ deadLetter }) => deadLetter),
      ...[FAILED_POSITIONS, MISSED_SCHEDULES, UNDELIVERED_EVENTS, UNDELIVERED_NOTICES],
    ];
    const depths = plain.filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible');
    expect(depths.map(({ Dimensions }) => Dimensions![0]!.Value).sort()).toEqual(expected.map((name) => `joulekeep-prod-${name}`).sort());
    for (const depth of depths) expect(depth).toMatchObject({ Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
  });

  it('the age of every queue that is worked, of readings and handshakes within a quarter of an hour', () => {
    const worked = [...QUEUES, ...NOTICE_QUEUES].filter(({ name }) => name !== FAILED_POSITIONS);
    expect(watched('ApproximateAgeOfOldestMessage', 'QueueName')).toHaveLength(worked.length);
    for (const name of ['telemetry', 'handshake'])
      expect(plain.find(({ AlarmName }) => AlarmName === `joulekeep-prod-queue-age-${name}`)).toMatchObject({ Threshold: 900 });
  });

  it('errors and throttles of every function, lateness of every follower, silence of every duty', () => {
    const names = FUNCTIONS.map(({ name }) => `joulekeep-prod-${name}`);
    for (const metric of ['Errors', 'Throttles']) expect(watched(metric, 'FunctionName').sort()).toEqual(names.toSorted());
    const followers = [...new Set(FEEDS.map((feed) => `joulekeep-prod-${feed.function}`))];
    expect(watched('IteratorAge', 'FunctionName').sort()).toEqual(followers.sort());
    const duties = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'schedule').map(({ name }) => `joulekeep-prod-${name}`);
    const missed = plain.filter(({ MetricName }) => MetricName === 'Invocations');
    expect(watched('Invocations', 'FunctionName').sort()).toEqual(duties.sort());
    for (const alarm of missed) expect(alarm.TreatMissingData).toBe('breaching');
  });

  it('what the functions count, by the names they count it under', () => {
    const text = sources('lambdas');
    expect(COUNTER_ALARMS.length).toBeGreaterThan(8);
    for (const { metric } of COUNTER_ALARMS) {
      expect(text).toContain(`counters.add('${metric.name}'`);
      expect(text).toContain(`makeCounters('${metric.dimensions['service']}')`);
    }
  });

  it('security events in the logs, by codes that the code knows', () => {
    const text = ['lambdas', 'platform', 'domain'].map(sources).join('\n');
    for (const code of LOG_FILTERS.flatMap(({ codes }) => codes)) {
      const known = code.startsWith('*')
        ? text.includes(code.slice(1))
        : text.includes(code) || text.includes(code.replace(/^ERR_KMS_/, ''));
      expect([code, known]).toEqual([code, true]);
    }
    const filters = prod.of('AWS::Logs::MetricFilter').map(({ Properties }) => String(Properties['FilterPattern']));
    expect(filters.filter((pattern) => pattern.includes('*_ACCESS_DENIED'))).toHaveLength(FUNCTIONS.length);
    expect(filters.filter((pattern) => pattern.includes('*_DAMAGED') && pattern.includes('ERR_LOG_REFUSED'))).toHaveLength(
      FUNCTIONS.length,
    );
  });

  it('every metric of a log filter has an alarm', () => {
    const alarmed = plain.filter(({ Namespace }) => Namespace === 'joulekeep/log').map(({ MetricName }) => MetricName);
    expect(alarmed.sort()).toEqual(LOG_FILTERS.map(({ metric }) => metric).sort());
  });

  it('certificates of devices, of their CAs and of servers, a month before they end', () => {
    const names = plain.map(({ AlarmName }) => AlarmName).filter((name) => name.includes('certificates-expiring'));
    expect(names.map((name) => name.replace('joulekeep-prod-certificates-expiring-', '')).sort()).toEqual([
      'authorities',
      'devices',
      'doors-certificate',
      'edge-certificate',
    ]);
  });

  it('of every door, errors of its load balancer and connections that it refuses', () => {
    for (const metric of ['HTTPCode_ELB_5XX_Count', 'ClientTLSNegotiationErrorCount']) {
      const named = watched(metric, 'LoadBalancer').map((value) => (value as { readonly Ref: string }).Ref);
      const parameters = prod.template.toJSON()['Parameters'] as Readonly<Record<string, { readonly Default?: string }>>;
      expect(named.map((name) => parameters[name]!.Default).sort()).toEqual(
        PRIVATE_DOORS.map((door) => `/joulekeep/prod/doors/${door}-balancer`).sort(),
      );
    }
    expect(dev.of('AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties['Namespace'] === 'AWS/ApplicationELB')).toEqual([]);
  });

  it('periods that CloudWatch evaluates: a week at most, where a period is an hour or more; else a day', () => {
    for (const { AlarmName, Period, EvaluationPeriods } of plain) {
      const longest = Period >= 3_600 ? 7 * 86_400 : 86_400;
      expect([AlarmName, Period % 60, Period * EvaluationPeriods <= longest]).toEqual([AlarmName, 0, true]);
    }
  });

  it('no readings at all, in production alone', () => {
    const missing = (subject: Synthesized) =>
      subject.of('AWS::CloudWatch::Alarm').filter(({ Properties }) => String(Properties['AlarmName']).endsWith('readings-missing'));
    expect(missing(prod)).toHaveLength(1);
    expect(missing(prod)[0]!.Properties).toMatchObject({ TreatMissingData: 'breaching', Threshold: 1 });
    expect(missing(dev)).toHaveLength(0);
  });
});

describe('operations', () => {
  it('has a page for ingest, keys, closing, the operator, feeds and queues', () => {
    const names = prod.of('AWS::CloudWatch::Dashboard').map(({ Properties }) => Properties['DashboardName']);
    expect(names).toEqual(['ingest', 'keys', 'closing', 'operator', 'feeds', 'queues'].map((name) => `joulekeep-prod-${name}`));
  });

  it('traces one request in twenty of what is named for the stage, and no first of a second besides', () => {
    expect(prod.of('AWS::XRay::SamplingRule').map(({ Properties }) => Properties['SamplingRule'])).toEqual([
      expect.objectContaining({ RuleName: 'joulekeep-prod-traces', ServiceName: 'joulekeep-prod-*', FixedRate: 0.05, ReservoirSize: 0 }),
    ]);
  });

  it('stays below the resources that a stack may have', () => {
    expect(prod.resources.size).toBeGreaterThan(100);
    expect(prod.resources.size).toBeLessThan(350);
  });

  it('has no finding of cdk-nag', () => {
    expect([...prod.findings, ...dev.findings]).toEqual([]);
    const planted = new Synthesized((app) => {
      const stack = new OperationsStack(app, 'operations', { stage: PROD, env: ENV });
      new Bucket(stack, 'Planted');
      return stack;
    });
    expect(planted.findings).toContain('operations/Planted/Resource AwsSolutions-S1');
  });
});
