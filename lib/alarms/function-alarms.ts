import { FEEDS } from '../../topology/feeds.ts';
import { FUNCTIONS, type FunctionSpec } from '../../topology/functions.ts';
import { TABLES } from '../../topology/tables.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { AlarmSpec, MetricSpec } from './alarm-spec.ts';

const DAY_MINUTES = 24 * 60;
/** What is later than this is not seen by customers any more as it comes in. */
const LATE_MS = 5 * 60_000;

/** Errors, throttles, lateness and silence of every function, and throttles of the tables they use. */
export function functionAlarms(stage: Stage): readonly AlarmSpec[] {
  return [...FUNCTIONS.flatMap((spec) => alarmsOf(stage, spec)), ...TABLES.flatMap(({ name }) => tableAlarms(stage, name))];
}

function alarmsOf(stage: Stage, { name, trigger }: FunctionSpec): readonly AlarmSpec[] {
  const metric = (metricName: string, statistic: MetricSpec['statistic'] = 'Sum'): MetricSpec => ({
    namespace: 'AWS/Lambda',
    name: metricName,
    dimensions: { FunctionName: physicalName(stage, name) },
    statistic,
  });
  const follows = FEEDS.some((feed) => feed.function === name);
  const late: AlarmSpec = {
    kind: 'feed-late',
    of: name,
    metric: metric('IteratorAge', 'Maximum'),
    atLeast: LATE_MS,
    minutes: 5,
    periods: 3,
    says: `${name} follows the recorded events by more than 5 minutes.`,
  };
  return [
    {
      kind: 'function-errors',
      of: name,
      metric: metric('Errors'),
      // A duty that runs once an hour or a day fails once; among many messages a single error mends itself.
      atLeast: trigger.kind === 'schedule' ? 1 : 5,
      minutes: 15,
      says: `${name} failed as a whole: not one record, but the invocation.`,
    },
    {
      kind: 'function-throttles',
      of: name,
      metric: metric('Throttles'),
      atLeast: 1,
      minutes: 5,
      periods: 3,
      says: `${name} asks for more invocations at a time than it has.`,
    },
    ...(trigger.kind === 'schedule' ? [missed(name, trigger.everyMinutes, metric('Invocations'))] : []),
    ...(follows ? [late] : []),
  ];
}

/** Two turns may be missed: one for a deployment, one to be sure. */
function missed(name: string, everyMinutes: number, metric: MetricSpec): AlarmSpec {
  const says = `${name} has not run for two of its turns.`;
  return {
    kind: 'schedule-missed',
    of: name,
    metric,
    below: 1,
    minutes: Math.min(everyMinutes, DAY_MINUTES),
    periods: 2,
    silenceIsBad: true,
    says,
  };
}

function tableAlarms(stage: Stage, table: string): readonly AlarmSpec[] {
  const dimensions = { TableName: physicalName(stage, table) };
  return ['ReadThrottleEvents', 'WriteThrottleEvents'].map(
    (name): AlarmSpec => ({
      kind: 'table-throttles',
      of: `${table}-${name.startsWith('Read') ? 'reads' : 'writes'}`,
      metric: { namespace: 'AWS/DynamoDB', name, dimensions, statistic: 'Sum' },
      atLeast: 10,
      minutes: 5,
      periods: 3,
      says: `Table ${table} refuses calls because too many come at a time.`,
    }),
  );
}
