import { describe, expect, it } from 'vitest';
import { shardOf } from '../../platform/store/shards.ts';
import { CALLERS } from '../../topology/callers.ts';
import { partitionOf } from '../../topology/directory.ts';
import { FUNCTIONS } from '../../topology/functions.ts';
import { GRANTS } from '../../topology/grants.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { ROUTES } from '../../topology/routes.ts';
import { DIRECTORY_PERMISSIONS } from '../platform/permissions.ts';
import { allows, statementsOfRole } from './access.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { resolved } from './resolved.ts';

const all = resolved(synthesize({ domain: 'dev.example.org', operatorLink: OPERATOR_LINK }));
const statements = all
  .filter(({ Type, Properties }) => Type === 'AWS::IAM::Role' && Properties['RoleName'] !== undefined)
  .map((role) => [String(role.Properties['RoleName']).replace('joulekeep-dev-', ''), statementsOfRole(role, all)] as const);

describe('the directory', () => {
  const table = 'arn:aws:dynamodb:eu-central-1:111122223333:table/joulekeep-dev-directory';
  const whoMay = (action: string, partition: string) =>
    [...statements]
      .filter(([, own]) => allows(own, [], { action, resource: table, context: { 'dynamodb:LeadingKeys': [partition] } }))
      .map(([name]) => name);

  it('C10.3-1, C10.4-1: who may come in by the doors is written down by the operator’s command line alone, whoever else writes to the directory', () => {
    for (const action of ['dynamodb:PutItem', 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'])
      expect([action, whoMay(action, CALLERS.partition)]).toEqual([action, action === 'dynamodb:PutItem' ? ['operator-cli'] : []]);
    expect(whoMay('dynamodb:PutItem', 'entries-0')).not.toContain('operator-cli');
    expect(whoMay('dynamodb:PutItem', 'entries-0')).toContain('enrol');
  });

  it('R9.1-1, C10.1-1: every other place that has owners is written by them alone, by whatever action', () => {
    const others = Object.entries(DIRECTORY_PERMISSIONS).filter(([prefix]) => prefix !== CALLERS.prefix);
    expect(others.length).toBeGreaterThan(20);
    for (const [prefix, writers] of others)
      for (const key of ['', 'a', 'acc-0', 'segment/00001'].map((rest) => prefix + rest)) {
        const partition = partitionOf(key, shardOf);
        for (const action of ['dynamodb:PutItem', 'dynamodb:BatchWriteItem'])
          expect([key, whoMay(action, partition).sort()]).toEqual([key, writers]);
        for (const action of ['dynamodb:UpdateItem', 'dynamodb:DeleteItem']) expect([key, whoMay(action, partition)]).toEqual([key, []]);
      }
  });

  it('R9.1-1: all other keys are written by everybody who writes there, and one that has owners can not be put beside them', () => {
    const writers = PRINCIPALS.filter((principal) => GRANTS[principal].directory.includes('write')).toSorted();
    expect(whoMay('dynamodb:BatchWriteItem', partitionOf('consent-of/x', shardOf)).sort()).toEqual(writers);
    const context = { 'dynamodb:LeadingKeys': ['entries-0', partitionOf('log/witnessed', shardOf)] };
    const both = [...statements].filter(([, own]) => allows(own, [], { action: 'dynamodb:BatchWriteItem', resource: table, context }));
    expect(both.map(([name]) => name)).toEqual(['log']);
  });

  it('C10.3-1, C10.4-1: who may come in by the doors is read by every function behind a private door', () => {
    const readers = whoMay('dynamodb:BatchGetItem', CALLERS.partition);
    const names = new Set(ROUTES.flatMap((route) => ((route.door as string) === 'customer' ? [] : [route.function as string])));
    const behind = FUNCTIONS.filter(({ name }) => names.has(name)).map(({ principal }) => principal);
    expect(behind.length).toBeGreaterThan(0);
    expect(behind.filter((principal) => !readers.includes(principal))).toEqual([]);
  });
});
