import { GRANTS } from '../../topology/grants.ts';
import type { Principal } from '../../topology/principals.ts';
import { NOTICE_QUEUES, QUEUES } from '../../topology/queues.ts';
import { bucketArn, bucketName, busArn, queueArn, SITE_BUCKETS } from '../names.ts';
import { queuesOf, SET_ASIDE } from '../owned-queues.ts';
import { gatewayGrants } from './gateway.ts';
import type { Grant, Place } from './grant.ts';
import { clockworkGrants, keyGrants, storageGrants } from './keys.ts';
import { keyRowGrants, tableGrants } from './tables.ts';

/** Everything a principal may do: topology/keys.ts and topology/grants.ts as statements, and nothing beside them. */
export function principalGrants(place: Place, principal: Principal): readonly Grant[] {
  return [
    ...keyGrants(place, principal),
    ...(GRANTS[principal].rotates ? clockworkGrants(place) : []),
    ...storageGrants(place, principal),
    ...tableGrants(place, principal),
    ...keyRowGrants(place, principal),
    ...queueGrants(place, principal),
    ...objectGrants(place, principal),
    ...gatewayGrants(place, principal),
    ...(GRANTS[principal].asksIdentity ? identityGrants(place) : []),
    ...(GRANTS[principal].publishes ? siteGrants(place) : []),
    ...(GRANTS[principal].witnesses ? witnessGrants(place) : []),
    ...(GRANTS[principal].keyRecord ? keyRecordGrants(place) : []),
    ...(GRANTS[principal].bus
      ? [{ sid: 'Bus', actions: ['events:DescribeEventBus', 'events:PutEvents'], resources: [busArn(place.stack, place.stage)] }]
      : []),
  ];
}

function queueGrants({ stack, stage }: Place, principal: Principal): readonly Grant[] {
  const { receives, setsAside } = queuesOf(principal);
  const arns = (queues: readonly string[]) => queues.map((queue) => queueArn(stack, stage, queue));
  const sends = [...new Set([...GRANTS[principal].sends, ...setsAside])];
  const receiving = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
  return [
    ...(receives.length === 0 ? [] : [{ sid: 'Receive', actions: receiving, resources: arns(receives) }]),
    ...(sends.length === 0 ? [] : [{ sid: 'Send', actions: ['sqs:GetQueueUrl', 'sqs:SendMessage'], resources: arns(sends) }]),
    ...(GRANTS[principal].watches ? watchGrants(arns) : []),
    ...(GRANTS[principal].redrives ? redriveGrants(arns) : []),
  ];
}

/** How much lies there: no message is seen. */
function watchGrants(arns: (queues: readonly string[]) => readonly string[]): readonly Grant[] {
  const watched = QUEUES.flatMap(({ name, deadLetter }) => [name, deadLetter]);
  return [{ sid: 'Watch', actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl'], resources: arns(watched) }];
}

/** People move back what lies in a dead-letter queue, once its cause is gone. What was set aside is read and deleted: it came from no queue. */
function redriveGrants(arns: (queues: readonly string[]) => readonly string[]): readonly Grant[] {
  const queues = [...QUEUES, ...NOTICE_QUEUES];
  const looking = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
  const moving = ['sqs:CancelMessageMoveTask', 'sqs:ListMessageMoveTasks', 'sqs:StartMessageMoveTask'];
  return [
    { sid: 'Redrive', actions: [...looking, ...moving], resources: arns(queues.map(({ deadLetter }) => deadLetter)) },
    { sid: 'RedriveTo', actions: ['sqs:SendMessage'], resources: arns(queues.map(({ name }) => name)) },
    { sid: 'SetAside', actions: looking, resources: arns(SET_ASIDE) },
  ];
}

/** Whether a user is there, enabled, and in which groups; nothing is changed. */
function identityGrants({ stack }: Place): readonly Grant[] {
  return [
    {
      sid: 'People',
      actions: ['cognito-idp:AdminGetUser', 'cognito-idp:AdminListGroupsForUser'],
      resources: [stack.formatArn({ service: 'cognito-idp', resource: 'userpool', resourceName: '*' })],
      widely: 'the one pool of the stage gets its id when it is made',
    },
  ];
}

/** What lies there is for everybody, or for everybody behind the operator link; who may put it there is what matters. Old files stay. */
function siteGrants({ stack, stage }: Place): readonly Grant[] {
  const buckets = Object.values(SITE_BUCKETS).map((name) => bucketArn(stack, bucketName(stack, stage, name)));
  return [
    {
      sid: 'Sites',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: buckets.map((bucket) => `${bucket}/*`),
      widely: 'the bucket is the site: its files are named by the application that was built',
    },
    { sid: 'SiteList', actions: ['s3:ListBucket'], resources: buckets },
  ];
}

/** Of another account, whose policy of the bucket allows the same and whose lock keeps what is there; without one, of the own objects. */
function witnessGrants({ stack, stage }: Place): readonly Grant[] {
  const bucket = bucketArn(stack, stage.archive?.bucket ?? bucketName(stack, stage, 'objects'));
  return [
    {
      sid: 'Witness',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [`${bucket}/witness/*`],
      widely: 'checkpoints and entries of the log, named by their numbers; none is put over another',
    },
    { sid: 'WitnessList', actions: ['s3:ListBucket'], resources: [bucket] },
  ];
}

/** What the key service's trail wrote: read, and nothing else, by whoever holds others against it. */
function keyRecordGrants({ stack, stage }: Place): readonly Grant[] {
  const bucket = bucketArn(stack, bucketName(stack, stage, 'key-record'));
  return [
    {
      sid: 'KeyRecord',
      actions: ['s3:GetObject'],
      resources: [`${bucket}/AWSLogs/*`],
      widely: 'files of a trail are named by their time',
    },
    { sid: 'KeyRecordList', actions: ['s3:ListBucket'], resources: [bucket] },
  ];
}

const OBJECT_ACTIONS = { get: 's3:GetObject', put: 's3:PutObject', delete: 's3:DeleteObject' } as const;

function objectGrants({ stack, stage }: Place, principal: Principal): readonly Grant[] {
  const { objects } = GRANTS[principal];
  const bucket = bucketArn(stack, bucketName(stack, stage, 'objects'));
  const byActions = Map.groupBy(objects, ({ may }) =>
    may.flatMap((operation) => (operation === 'list' ? [] : [OBJECT_ACTIONS[operation]])).join(' '),
  );
  return [
    ...[...byActions].map(([actions, granted], index) => ({
      sid: `Objects${index}`,
      actions: actions.split(' '),
      resources: granted.map(({ prefix }) => `${bucket}/${prefix}*`),
      widely: 'objects are named by the hash of their content behind the prefix',
    })),
    // Names alone. Without it, and with it under a condition, the store answers "denied" instead of "not there".
    ...(objects.length === 0 ? [] : [{ sid: 'ObjectList', actions: ['s3:ListBucket'], resources: [bucket] }]),
  ];
}
