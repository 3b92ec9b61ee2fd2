import { Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { FEEDS } from '../../topology/feeds.ts';
import { NOTICE_QUEUES, QUEUES } from '../../topology/queues.ts';
import { counted, type MetricSpec } from '../alarms/alarm-spec.ts';
import { physicalName, type Stage } from '../stage.ts';
import { metricOf } from './operations-alarms.ts';

interface Graph {
  readonly title: string;
  readonly metrics: readonly MetricSpec[];
}

const MINUTES = 5;

/** A page for each part of the service: what comes in, keys, closing, feeds, queues. */
export class OperationsDashboards extends Construct {
  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    for (const [name, graphs] of Object.entries(pages(stage))) {
      const widgets = graphs.map(({ title, metrics }) => new GraphWidget({ title, width: 12, left: metrics.map(drawn) }));
      const rows = Array.from({ length: Math.ceil(widgets.length / 2) }, (_, row) => widgets.slice(row * 2, row * 2 + 2));
      new Dashboard(this, name, { dashboardName: physicalName(stage, name), widgets: rows });
    }
  }
}

function drawn(spec: MetricSpec): IMetric {
  return metricOf(spec, MINUTES);
}

function pages(stage: Stage): Readonly<Record<string, readonly Graph[]>> {
  const ofFunction = (name: string, metric: string, statistic: MetricSpec['statistic'] = 'Sum'): MetricSpec => ({
    namespace: 'AWS/Lambda',
    name: metric,
    dimensions: { FunctionName: physicalName(stage, name) },
    statistic,
  });
  const ofQueue = (name: string, metric: string): MetricSpec => ({
    namespace: 'AWS/SQS',
    name: metric,
    dimensions: { QueueName: physicalName(stage, name) },
    statistic: 'Maximum',
  });
  const health = (name: string): Graph => ({
    title: `${name}: runs`,
    metrics: ['Invocations', 'Errors', 'Throttles'].map((metric) => ofFunction(name, metric)),
  });
  const counts = (title: string, service: string, names: readonly string[]): Graph => ({
    title,
    metrics: names.map((name) => counted(service, name)),
  });
  const followers = [...new Set(FEEDS.map((feed) => feed.function))];
  const queues = [...QUEUES, ...NOTICE_QUEUES];
  return {
    ingest: [
      { title: 'Readings that wait', metrics: [ofQueue('telemetry', 'ApproximateNumberOfMessagesVisible')] },
      { title: 'How long, s', metrics: [ofQueue('telemetry', 'ApproximateAgeOfOldestMessage')] },
      counts('Devices cut off', 'ingest', ['DeviceQuarantined']),
      health('ingest'),
      { title: 'ingest: longest run, ms', metrics: [ofFunction('ingest', 'Duration', 'Maximum')] },
    ],
    keys: [
      counts('Handshakes', 'keys', [
        'HandshakeAccepted',
        'HandshakeRefused',
        'HandshakeThrottled',
        'HandshakeJunk',
        'HandshakeRepeated',
        'DeviceQuarantined',
      ]),
      counts('Epochs', 'maintenance', ['EpochsDestroyed', 'EpochsOverdue', 'CertificatesRevoked']),
      counts('Devices', 'enrol', ['RegistrationAccepted', 'RegistrationRefused', 'DeviceQuarantined']),
      health('keys'),
    ],
    closing: [
      counts('Meter days', 'close-day', ['DaysClosed', 'DaysFinalized', 'DaysRestated', 'DaysHeld']),
      counts('Silence', 'close-day', ['MetersFellSilent', 'MetersProlonged']),
      counts('Bills', 'bill-runs', ['BillsIssued', 'BillsHeld', 'BillsFailed']),
      health('close-day'),
    ],
    operator: [
      counts('Told', 'ems', ['DemandsPublished', 'DemandsRevised']),
      counts('Not told, doubted, late', 'ems', ['DemandsSuppressed', 'DemandsDoubted', 'AreasLate']),
      health('ems'),
      health('operator-api'),
    ],
    feeds: [
      { title: 'How late, ms', metrics: followers.map((name) => ofFunction(name, 'IteratorAge', 'Maximum')) },
      ...followers.map(health),
    ],
    queues: [
      { title: 'Waiting', metrics: queues.map(({ name }) => ofQueue(name, 'ApproximateNumberOfMessagesVisible')) },
      { title: 'Oldest, s', metrics: queues.map(({ name }) => ofQueue(name, 'ApproximateAgeOfOldestMessage')) },
      { title: 'Set aside', metrics: queues.map(({ deadLetter }) => ofQueue(deadLetter, 'ApproximateNumberOfMessagesVisible')) },
    ],
  };
}
