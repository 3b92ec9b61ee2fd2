import { ArnFormat } from 'aws-cdk-lib';
import { FEEDS } from '../../topology/feeds.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import type { Principal } from '../../topology/principals.ts';
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
    {
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: logs,
      widely: 'a log stream is named by the service for each instance; the group is the own one',
    },
    {
      sid: 'Trace',
      actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      resources: ['*'],
      widely: 'the trace service knows no resources',
    },
    ...(follows ? [FEED_LIST, { sid: 'Feed', actions: FEED_ACTIONS, resources: [told(TOLD.changes('events'))] }] : []),
  ];
}

const FEED_ACTIONS = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
const FEED_LIST: Grant = {
  sid: 'FeedList',
  actions: ['dynamodb:ListStreams'],
  resources: ['*'],
  widely: 'listing change streams knows no resources, and shows names alone',
};

/** @param functionName physical name */
export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}
