import { ArnFormat } from 'aws-cdk-lib';
import { FEEDS } from '../../topology/feeds.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import type { Principal } from '../../topology/keys.ts';
import { TOLD } from '../names.ts';
import { physicalName } from '../stage.ts';
import type { Grant, Place } from './grant.ts';

/** What running as a function takes: its log, its traces, and the change stream its feeds follow. */
export function runtimeGrants(place: Place, principal: Principal): readonly Grant[] {
  const { stack, stage, told } = place;
  const names = FUNCTIONS.filter((candidate) => candidate.principal === principal).map(({ name }) => name);
  if (names.length === 0) return [];
  const logs = names.map((name) =>
    stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${logGroupName(physicalName(stage, name))}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const follows = FEEDS.some((feed) => names.includes(feed.function));
  return [
    { sid: 'Log', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: logs },
    // The service knows no resources for it.
    { sid: 'Trace', actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], resources: ['*'] },
    ...(follows ? [{ sid: 'Feed', actions: FEED_ACTIONS, resources: [told(TOLD.changes('events'))] }] : []),
  ];
}

const FEED_ACTIONS = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];

/** @param functionName physical name */
export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}
