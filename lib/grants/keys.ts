import { OPERATIONS_OF, type Principal, permits } from '../../topology/keys.ts';
import { KMS_ACTIONS } from '../key-policy.ts';
import { generationsOf, SERVICE_KEYS, TOLD } from '../names.ts';
import { type StorageUse, storageUses } from '../storage-users.ts';
import type { Grant, Place } from './grant.ts';

/**
 * What a principal may do with keys of topology/keys.ts, all generations of each; asking when a key was made belongs to it.
 * The keys' own policies deny the same to everybody else. @source X.1332 9.1
 */
export function keyGrants(place: Place, principal: Principal): readonly Grant[] {
  return SERVICE_KEYS.flatMap((key) => {
    const operations = OPERATIONS_OF[key.usage].filter((operation) => permits(key.allow, principal, operation));
    if (operations.length === 0) return [];
    const resources = generationsOf(place.stage, key).map((generation) => place.told(TOLD.key(key.id, generation)));
    const sid = `Key${key.id.replaceAll(/[^a-z0-9]/g, '')}`;
    return [{ sid, actions: ['kms:DescribeKey', ...operations.map((operation) => KMS_ACTIONS[operation])], resources }];
  });
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
