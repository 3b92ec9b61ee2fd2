import { type KmsKey, OPERATIONS_OF, type Principal, permits } from '../../topology/keys.ts';
import { KMS_ACTIONS } from '../key-policy.ts';
import { generationsOf, SERVICE_KEYS, TOLD } from '../names.ts';
import { type StorageUse, storageUses } from '../storage-users.ts';
import type { Grant, Place } from './grant.ts';

/**
 * What a principal may do with keys of topology/keys.ts, all generations of each; asking when a key was made belongs to it.
 * The keys' own policies deny the same to everybody else. @source X.1332 9.1
 */
export function keyGrants(place: Place, principal: Principal): readonly Grant[] {
  const used = SERVICE_KEYS.filter(({ allow }) => Object.hasOwn(allow, principal));
  const operationsOf = ({ usage, allow }: KmsKey) => OPERATIONS_OF[usage].filter((operation) => permits(allow, principal, operation));
  return [...Map.groupBy(used, (key) => operationsOf(key).join(' '))].map(([, keys], index) => ({
    sid: `Keys${index}`,
    actions: ['kms:DescribeKey', ...operationsOf(keys[0]!).map((operation) => KMS_ACTIONS[operation])],
    resources: keys.flatMap((key) => generationsOf(place.stage, key).map((generation) => place.told(TOLD.key(key.id, generation)))),
  }));
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
