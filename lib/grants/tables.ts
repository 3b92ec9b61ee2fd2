import { CALLERS } from '../../topology/callers.ts';
import { writablePartitions } from '../../topology/directory.ts';
import { ADMITS, GRANTS } from '../../topology/grants.ts';
import { KEY_TABLE, type KeyTableOperation } from '../../topology/key-table.ts';
import type { Principal } from '../../topology/principals.ts';
import { TABLES } from '../../topology/tables.ts';
import { tableArn } from '../names.ts';
import { servesDoors } from '../storage-users.ts';
import type { Grant, Place } from './grant.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:Query'];
const READ_MANY = ['dynamodb:BatchGetItem', ...READ];
const WRITE = ['dynamodb:BatchWriteItem', 'dynamodb:PutItem'];

/** The event table is appended to: nobody updates or deletes an item of it. @source X.1332 10.1 (stored data intact) */
const EVENT_ACTIONS = { read: READ, list: [], append: ['dynamodb:PutItem'] } as const;
/** Who may come in by the doors, apart from what functions write down for each other. */
const ONLY_CALLERS = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': CALLERS.partition } } as const;
/** What a rebuild has replaced is looked for in the whole table. */
const MODEL_ACTIONS = { read: READ_MANY, write: [...WRITE, 'dynamodb:Scan'] } as const;

/** Of the event table: names of streams. */
const NAMES = TABLES.find(({ name }) => name === 'events')!.index!.name;

const ROW_ACTIONS: Readonly<Record<KeyTableOperation, readonly string[]>> = {
  get: ['dynamodb:GetItem'],
  list: ['dynamodb:Query'],
  put: ['dynamodb:PutItem'],
  // An id that was destroyed is never used again, so it stays.
  destroy: ['dynamodb:UpdateItem'],
};
/** Rows of epochs and tokens leave nothing, nor does what was said. */
const LEAVES_NOTHING: readonly string[] = ['epoch/', 'token/', 'kept/'];
const ENDS_ROWS = ['dynamodb:DeleteItem'];

export function tableGrants({ stack, stage }: Place, principal: Principal): readonly Grant[] {
  const { events, models, directory } = GRANTS[principal];
  const grant = (sid: string, table: string, actions: readonly string[], conditions?: Grant['conditions']): Grant[] =>
    actions.length === 0 ? [] : [{ sid, actions, resources: [tableArn(stack, stage, table)], ...(conditions && { conditions }) }];
  const names = `${tableArn(stack, stage, 'events')}/index/${NAMES}`;
  return [
    ...(events.includes('list') ? [{ sid: 'StreamNames', actions: ['dynamodb:Query'], resources: [names] }] : []),
    ...grant(
      'Events',
      'events',
      events.flatMap((operation) => EVENT_ACTIONS[operation]),
    ),
    ...grant(
      'Models',
      'models',
      models.flatMap((operation) => MODEL_ACTIONS[operation]),
    ),
    ...(directory.includes('read') ? grant('Directory', 'directory', READ_MANY) : []),
    ...(directory.includes('write') ? grant('DirectoryWrite', 'directory', WRITE, onlyIn(writablePartitions(principal))) : []),
    ...(servesDoors(principal) && !directory.includes('read') ? grant('Callers', 'directory', READ_MANY, ONLY_CALLERS) : []),
    ...(ADMITS.includes(principal) ? grant('Admit', 'directory', ['dynamodb:PutItem', ...READ], ONLY_CALLERS) : []),
  ];
}

function onlyIn(partitions: readonly string[]): Grant['conditions'] {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } };
}

/**
 * Rows of the key table by the beginning of their id, which is their partition; where two fit the narrower decides. Rows that may be
 * treated alike are one statement: a role's statements have a limit.
 */
export function keyRowGrants({ stack, stage }: Place, principal: Principal): readonly Grant[] {
  const rows = KEY_TABLE.flatMap(({ prefix, allow }, index) => {
    const operations = Object.hasOwn(allow, principal) ? (allow[principal] ?? []) : [];
    const narrower = KEY_TABLE.slice(0, index).filter((other) => other.prefix.startsWith(prefix));
    return operations.length === 0 ? [] : [{ prefix, actions: rowActions(prefix, operations), narrower: narrower.map(startOf) }];
  });
  const alike = Map.groupBy(rows, ({ actions, narrower }) => [...actions, ...narrower].join(' '));
  return [...alike.values()].map((same, index) => {
    const [{ actions, narrower }] = same as [(typeof rows)[number]];
    return {
      sid: `Rows${index}`,
      actions,
      resources: [tableArn(stack, stage, 'keys')],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': same.map(startOf) },
        ...(narrower.length === 0 ? {} : { 'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': narrower } }),
      },
    };
  });
}

const startOf = ({ prefix }: { readonly prefix: string }) => `${prefix}*`;

function rowActions(prefix: string, operations: readonly KeyTableOperation[]): readonly string[] {
  const leavesNothing = LEAVES_NOTHING.some((start) => prefix.startsWith(start));
  return operations.flatMap((operation) => (operation === 'destroy' && leavesNothing ? ENDS_ROWS : ROW_ACTIONS[operation]));
}
