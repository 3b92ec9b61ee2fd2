import { describe, expect, it } from 'vitest';
import { KMS_ACTIONS } from '../../lib/key-policy.ts';
import { CLOCKED_KEYS, SERVICE_KEYS } from '../../lib/names.ts';
import { storageUses } from '../../lib/storage-users.ts';
import { KEY_TABLE, type KeyTableOperation } from '../../topology/key-table.ts';
import { type KmsOperation, OPERATIONS_OF } from '../../topology/keys.ts';
import { KEY_TAG, storageKeyName } from '../../topology/names.ts';
import { PRINCIPALS, type Principal, permits } from '../../topology/principals.ts';
import { STORAGE_DOMAINS } from '../../topology/storage.ts';
import { allows, type Request, type Statement, statementsOf, statementsOfRole, trustsAccount } from './access.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { type Placed, resolved, roleArn } from './resolved.ts';

/** With everything a stage can have. */
const all = resolved(synthesize({ domain: 'dev.example.org', operatorLink: OPERATOR_LINK }));
const roles = all.filter(({ Type }) => Type === 'AWS::IAM::Role');
const ADMINISTRATOR: Statement = { Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} };
const SECRET_USES: readonly KmsOperation[] = ['generateDataKey', 'encrypt', 'decrypt', 'deriveSharedSecret', 'sign', 'generateMac'];

/** The key behind an alias. */
function keyBehind(name: string): Placed {
  const alias = all.find(
    ({ Type, Properties }) => Type === 'AWS::KMS::Alias' && Properties['AliasName'] === `alias/joulekeep-dev-${name}`,
  )!;
  const arn = alias.Properties['TargetKeyId'] as string;
  return all.find(({ Type, id }) => Type === 'AWS::KMS::Key' && arn.endsWith(`/${id}`))!;
}

function requestOf(key: Placed, action: string, by: string, context: Request['context'] = {}): Request {
  const arn = `arn:aws:kms:eu-central-1:111122223333:key/${key.id}`;
  const aliases = all.filter(({ Type, Properties }) => Type === 'AWS::KMS::Alias' && Properties['TargetKeyId'] === arn);
  const tags = (key.Properties['Tags'] ?? []) as readonly { readonly Key: string; readonly Value: string }[];
  return {
    action,
    resource: arn,
    context: {
      'aws:PrincipalArn': [roleArn(by)],
      'kms:ResourceAliases': aliases.map(({ Properties }) => String(Properties['AliasName'])),
      ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, [Value]])),
      ...context,
    },
  };
}

function mayUse(identity: readonly Statement[], name: string, key: Placed, action: string, context?: Request['context']): boolean {
  const policy = statementsOf(key.Properties['KeyPolicy']);
  return trustsAccount(policy, action) && allows(identity, policy, requestOf(key, action, name, context));
}

const nameOf = (role: Placed) => String(role.Properties['RoleName'] ?? role.id);
const namesThatMay = (key: Placed, action: string, identity = (role: Placed) => statementsOfRole(role, all)) =>
  roles.filter((role) => mayUse(identity(role), nameOf(role), key, action)).map(nameOf);

const named = (principals: readonly Principal[]) => principals.map((principal) => `joulekeep-dev-${principal}`);
const permitted = (key: (typeof SERVICE_KEYS)[number], operation: KmsOperation) =>
  named(PRINCIPALS.filter((principal) => permits(key.allow, principal, operation)));

describe('keys of the service', () => {
  it('there is a role for each principal, and no other can pass for one', () => {
    expect(named([...PRINCIPALS]).filter((name) => !roles.some((role) => nameOf(role) === name))).toEqual([]);
    expect(roles.length).toBeGreaterThan(PRINCIPALS.length);
  });

  it('R9.1-1: the handshake function alone derives shared secrets, handshake and ingest alone open shard keys', () => {
    expect(namesThatMay(keyBehind('agreement'), 'kms:DeriveSharedSecret')).toEqual(['joulekeep-dev-keys']);
    expect(namesThatMay(keyBehind('shard-kek'), 'kms:Decrypt')).toEqual(['joulekeep-dev-ingest', 'joulekeep-dev-keys']);
    expect(namesThatMay(keyBehind('shard-kek'), 'kms:GenerateDataKey')).toEqual(['joulekeep-dev-keys']);
  });

  it.each(SERVICE_KEYS.flatMap((key) => OPERATIONS_OF[key.usage].map((operation) => [key.id, operation, key] as const)))(
    'R9.1-1, C10.1-6: %s: %s is for the roles that topology names and no others',
    (id, operation, key) => {
      expect(new Set(namesThatMay(keyBehind(id), KMS_ACTIONS[operation]))).toEqual(new Set(permitted(key, operation)));
    },
  );

  it('R9.1-1: whatever a role is allowed besides, the keys themselves deny everybody else every secret use', () => {
    let denied = 0;
    for (const key of SERVICE_KEYS) {
      for (const operation of OPERATIONS_OF[key.usage].filter((candidate) => SECRET_USES.includes(candidate))) {
        const names = namesThatMay(keyBehind(key.id), KMS_ACTIONS[operation], () => [ADMINISTRATOR]);
        expect(new Set(names)).toEqual(new Set(permitted(key, operation)));
        denied += roles.length - names.length;
      }
    }
    expect(denied).toBeGreaterThan(100);
  });

  it('R9.1-1: nobody goes round by another action or by a grant', () => {
    const round = ['kms:CreateGrant', 'kms:ReEncryptFrom', 'kms:GenerateDataKeyWithoutPlaintext'];
    for (const action of round) expect(namesThatMay(keyBehind('subject-kek'), action)).toEqual([]);
    expect(namesThatMay(keyBehind('agreement'), 'kms:CreateGrant', () => [ADMINISTRATOR])).toEqual([]);
    const readers = namesThatMay(keyBehind('shard-kek'), 'kms:ReEncryptFrom', () => [ADMINISTRATOR]);
    expect(readers).toEqual(['joulekeep-dev-ingest', 'joulekeep-dev-keys']);
  });

  it('the evaluator sees a key without its denials', () => {
    const key = keyBehind('agreement');
    const Statement = statementsOf(key.Properties['KeyPolicy']).filter(({ Effect }) => Effect === 'Allow');
    const bare = { ...key, Properties: { ...key.Properties, KeyPolicy: { Statement } } };
    expect(mayUse([ADMINISTRATOR], 'joulekeep-dev-billing', bare, 'kms:DeriveSharedSecret')).toBe(true);
    expect(mayUse([ADMINISTRATOR], 'joulekeep-dev-billing', key, 'kms:DeriveSharedSecret')).toBe(false);
  });

  it('C10.1-6: a successor under the same alias works for the same roles, without a new deployment', () => {
    const first = keyBehind('handshake');
    const request = { 'kms:ResourceAliases': ['alias/joulekeep-dev-handshake', 'alias/joulekeep-dev-handshake-2'] };
    const second = { ...first, id: 'made-by-the-clock' };
    const names = roles.filter((role) => mayUse(statementsOfRole(role, all), nameOf(role), second, 'kms:Sign', request)).map(nameOf);
    expect(names).toEqual(['joulekeep-dev-keys']);
  });

  it('C10.1-6: symmetric keys rotate as topology says, and those that the clock succeeds carry their tag', () => {
    for (const { id, usage, rotationDays } of SERVICE_KEYS) {
      const { Properties } = keyBehind(id);
      if (usage === 'encrypt-decrypt') expect(Properties).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: rotationDays });
      else if (CLOCKED_KEYS.some((key) => key.id === id))
        expect(Properties['Tags']).toContainEqual({ Key: KEY_TAG, Value: `joulekeep-dev-${id}` });
    }
  });
});

describe('rows of the key table', () => {
  const ACTIONS: Readonly<Record<KeyTableOperation, string>> = {
    get: 'dynamodb:GetItem',
    list: 'dynamodb:Query',
    put: 'dynamodb:PutItem',
    destroy: 'dynamodb:UpdateItem',
  };
  const table = 'arn:aws:dynamodb:eu-central-1:111122223333:table/joulekeep-dev-keys';

  it.each(KEY_TABLE.map(({ prefix, allow }) => [prefix, allow] as const))(
    'R9.1-1, C10.1-6: rows %s are for the roles that topology names and no others',
    (prefix, allow) => {
      for (const operation of Object.keys(ACTIONS) as KeyTableOperation[]) {
        const context = { 'dynamodb:LeadingKeys': [`${prefix}1`] };
        // Of a destroyed row the id stays, but not of those of epochs, tokens and what was said.
        const action =
          operation === 'destroy' && ['epoch/', 'token/', 'kept/'].some((start) => prefix.startsWith(start))
            ? 'dynamodb:DeleteItem'
            : ACTIONS[operation];
        const request = { action, resource: table, context };
        const names = roles.filter((role) => allows(statementsOfRole(role, all), [], request)).map(nameOf);
        const wanted = PRINCIPALS.filter((principal) => permits(allow, principal, operation));
        expect(new Set(names)).toEqual(new Set(named(wanted)));
      }
    },
  );

  it('R9.1-1: nobody reads the table as a whole', () => {
    for (const action of ['dynamodb:Scan', 'dynamodb:PartiQLSelect', 'dynamodb:ExportTableToPointInTime'])
      expect(roles.filter((role) => allows(statementsOfRole(role, all), [], { action, resource: table, context: {} }))).toEqual([]);
  });
});

describe('storage keys', () => {
  const via = { 'kms:ViaService': ['dynamodb.eu-central-1.amazonaws.com'] };

  it.each(STORAGE_DOMAINS)(
    'R9.1-3, C10.1-7: what lies under the key of %s opens by way of its service to those who work there',
    (domain) => {
      const key = keyBehind(`storage-${domain}`);
      const workers = PRINCIPALS.filter((principal) => storageUses(principal).has(domain));
      const ours = (name: string) => named([...PRINCIPALS]).includes(name);
      const opening = roles.filter((role) => mayUse(statementsOfRole(role, all), nameOf(role), key, 'kms:Decrypt', via)).map(nameOf);
      expect(new Set(opening.filter(ours))).toEqual(new Set(named(workers)));
      const whatever = roles.filter((role) => mayUse([ADMINISTRATOR], nameOf(role), key, 'kms:Decrypt')).map(nameOf);
      expect(new Set(whatever.filter(ours))).toEqual(new Set(named(workers)));
    },
  );

  it('R9.1-3: no two domains share a key, and all have strangers', () => {
    expect(new Set(STORAGE_DOMAINS.map((domain) => keyBehind(`storage-${domain}`).id)).size).toBe(STORAGE_DOMAINS.length);
    const open = STORAGE_DOMAINS.filter((domain) => PRINCIPALS.every((principal) => storageUses(principal).has(domain)));
    expect(open).toEqual([]);
  });

  it('R9.1-3: no principal uses a storage key directly', () => {
    for (const domain of STORAGE_DOMAINS) {
      const names = namesThatMay(keyBehind(`storage-${domain}`), 'kms:Decrypt').filter((name) => named([...PRINCIPALS]).includes(name));
      expect(names).toEqual([]);
    }
  });
});

it('whoever has the clock of the keys sees of every key of the stage whether it ends, and of no other', () => {
  const [clock] = roles.filter((role) => nameOf(role) === 'joulekeep-dev-operator-cli');
  const identity = statementsOfRole(clock!, all);
  const keys = [...SERVICE_KEYS.map(({ id }) => id), ...STORAGE_DOMAINS.map(storageKeyName)].map(keyBehind);
  for (const key of keys) expect([key.id, mayUse(identity, nameOf(clock!), key, 'kms:DescribeKey')]).toEqual([key.id, true]);
  const others = { 'kms:ResourceAliases': ['alias/joulekeep-prod-store-kek'], [`aws:ResourceTag/${KEY_TAG}`]: [] };
  expect(mayUse(identity, nameOf(clock!), keys[0]!, 'kms:DescribeKey', others)).toBe(false);
});
