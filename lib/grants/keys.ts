import { type KmsKey, OPERATIONS_OF } from '../../topology/keys.ts';
import { KEY_TAG } from '../../topology/names.ts';
import { type Principal, permits } from '../../topology/principals.ts';
import { KMS_ACTIONS } from '../key-policy.ts';
import { CLOCKED_KEYS, isNumbered, isSucceeded, SERVICE_KEYS, TOLD } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import { type StorageUse, storageUses } from '../storage-users.ts';
import type { Grant, Place } from './grant.ts';

const BY_ALIAS = 'generations of such a key come by the clock: it is known by its alias, and its own policy names who may use it';
/** Kinds of keys that the clock makes, as the key service calls them. */
const KINDS_MADE = {
  'key-agreement': { usage: 'KEY_AGREEMENT', spec: 'ECC_NIST_P256' },
  'sign-verify': { usage: 'SIGN_VERIFY', spec: 'ECC_NIST_P256' },
  mac: { usage: 'GENERATE_VERIFY_MAC', spec: 'HMAC_256' },
} as const;

const BY_TAG = 'a key that is made has no name yet: it is known by its tag';

/**
 * What a principal may do with keys of topology/keys.ts, all generations of each; asking when a key was made belongs to it.
 * The keys' own policies deny the same to everybody else. @source X.1332 9.1
 */
export function keyGrants(place: Place, principal: Principal): readonly Grant[] {
  const used = SERVICE_KEYS.filter(({ allow }) => Object.hasOwn(allow, principal));
  const operationsOf = ({ usage, allow }: KmsKey) => OPERATIONS_OF[usage].filter((operation) => permits(allow, principal, operation));
  const alike = Map.groupBy(used, (key) => `${isSucceeded(key)} ${operationsOf(key).join(' ')}`);
  return [...alike.values()].map((keys, index) => ({
    sid: `Keys${index}`,
    actions: ['kms:DescribeKey', ...operationsOf(keys[0]!).map((operation) => KMS_ACTIONS[operation])],
    ...(isSucceeded(keys[0]!) ? byAlias(place, keys) : { resources: keys.map(({ id }) => place.told(TOLD.key(id))) }),
  }));
}

/** By the alias that every generation has, and has all its life. */
function byAlias(place: Place, keys: readonly KmsKey[]): Pick<Grant, 'resources' | 'widely' | 'conditions'> {
  const aliases = keys.map((key) => `alias/${physicalName(place.stage, isNumbered(key) ? `${key.id}-*` : key.id)}`);
  return { resources: anyKey(place), widely: BY_ALIAS, conditions: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': aliases } } };
}

function anyKey({ stack }: Place): readonly string[] {
  return [stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' })];
}

/** What making a successor of a key takes: a key like the one before, under its tag and then its name, and the end of what nobody needs; and seeing that no key ends. */
export function clockworkGrants(place: Place): readonly Grant[] {
  const { stack, stage } = place;
  const succeeded = CLOCKED_KEYS.map(({ id }) => id);
  const aliases = CLOCKED_KEYS.flatMap((key) => (isNumbered(key) ? [key.id, `${key.id}-*`] : [key.id])).map((name) =>
    stack.formatArn({ service: 'kms', resource: 'alias', resourceName: physicalName(stage, name) }),
  );
  return [
    ...makingGrants(stage),
    {
      sid: 'NameKey',
      actions: ['kms:CreateAlias', 'kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:UpdateAlias'],
      resources: anyKey(place),
      widely: BY_TAG,
      conditions: { StringEquals: { [`aws:ResourceTag/${KEY_TAG}`]: succeeded.map((id) => physicalName(stage, id)) } },
    },
    {
      sid: 'SeeEnds',
      actions: ['kms:DescribeKey'],
      resources: anyKey(place),
      widely: 'whether a key of the stage is scheduled for deletion, whichever it is; it says nothing of what lies under it',
      conditions: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': [`alias/${physicalName(stage, '*')}`] } },
    },
    { sid: 'Alias', actions: ['kms:CreateAlias', 'kms:UpdateAlias'], resources: aliases, widely: 'generations count on' },
    {
      sid: 'EndKey',
      actions: ['kms:ScheduleKeyDeletion'],
      resources: anyKey(place),
      widely: BY_TAG,
      conditions: { StringEquals: { [`aws:ResourceTag/${KEY_TAG}`]: tagsOf(stage, 'mac'), ...kindOf('mac') } },
    },
  ];
}

/**
 * A tag goes onto keys of its kind alone: none of another kind passes for one that may end. A key that is being made may have no
 * kind yet when its tag is judged, one that exists always has.
 */
function makingGrants(stage: Stage): readonly Grant[] {
  return (Object.keys(KINDS_MADE) as (keyof typeof KINDS_MADE)[]).flatMap((usage) => {
    const tagged = { StringEquals: { [`aws:RequestTag/${KEY_TAG}`]: tagsOf(stage, usage) } };
    const name = usage.replaceAll('-', '');
    const made = { resources: ['*'], widely: BY_TAG };
    return [
      {
        sid: `MakeKey${name}`,
        actions: ['kms:CreateKey'],
        ...made,
        conditions: { StringEquals: { ...tagged.StringEquals, ...kindOf(usage) } },
      },
      { sid: `TagKey${name}`, actions: ['kms:TagResource'], ...made, conditions: { ...tagged, StringEqualsIfExists: kindOf(usage) } },
    ];
  });
}

/** Tags of this stage's keys alone: what another stage of the account has is none of its clock's business. */
function tagsOf(stage: Stage, usage: keyof typeof KINDS_MADE): readonly string[] {
  return CLOCKED_KEYS.filter((key) => key.usage === usage).map(({ id }) => physicalName(stage, id));
}

function kindOf(usage: keyof typeof KINDS_MADE): Readonly<Record<string, string>> {
  return { 'kms:KeyUsage': KINDS_MADE[usage].usage, 'kms:KeySpec': KINDS_MADE[usage].spec };
}

/** What the encryption at rest asks of whoever reads or writes; the tables' service asks for more than the others. */
const STORAGE_ACTIONS: Readonly<Record<StorageUse, readonly string[]>> = {
  reads: ['kms:Decrypt', 'kms:DescribeKey'],
  writes: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
};

/** Storage keys, by way of the services that store and never directly. */
export function storageGrants({ stack, told }: Place, principal: Principal): readonly Grant[] {
  const uses = [...storageUses(principal)];
  const services = ['dynamodb', 's3', 'sqs'].map((service) => `${service}.${stack.region}.${stack.urlSuffix}`);
  return (['reads', 'writes'] as const).flatMap((use) => {
    const domains = uses.filter(([, wanted]) => wanted === use).map(([domain]) => domain);
    if (domains.length === 0) return [];
    const resources = domains.map((domain) => told(TOLD.storageKey(domain)));
    const sid = use === 'reads' ? 'StorageRead' : 'StorageWrite';
    return [{ sid, actions: STORAGE_ACTIONS[use], resources, conditions: { StringEquals: { 'kms:ViaService': services } } }];
  });
}
