import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import type { KeyClockwork } from '../../platform/ports/kms.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Signer } from '../../protocol/cose.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { issueManifest, type KeyGeneration, loadKeyring, nextGenerations } from '../shared/manifest.ts';

/** Keys whose public half the meters must know. */
const TOLD = ['agreement', 'handshake'] as const;

/**
 * The hourly duties of the key service: keys past their day of deletion are gone, due ones are rotated, and meters are told of
 * new public halves by a manifest of the next version. The manifest is derived from the generations that exist, so a run that
 * broke off after rotating is made up for by the next.
 * @param operator may read public keys; no other key is touched @param sign the root that meters trust
 * @source X.1332 10.1 (keys refreshed, revoked and destroyed)
 */
export const makeKeyDuties = (operator: Platform, service: KeyClockwork, sign: Signer) => {
  const counters = makeCounters('key-duties');
  const log = handlerLog('key-duties', operator);
  return middy<ScheduledEvent, void>()
    .use(observed('key-duties', { clock: operator.clock, log }, counters))
    .handler(async () => {
      const purged = await service.purgeDue();
      const rotated = await service.rotateDue();
      if (purged.length > 0) log.warn('keys deleted', { code: 'KEYS_DELETED', count: purged.length });
      if (rotated.length > 0) log.info('keys rotated', { code: 'KEYS_ROTATED', count: rotated.length });
      counters.add('KeysDeleted', purged.length);
      counters.add('KeysRotated', rotated.length);
      if (await tellGenerations(operator, service, sign)) log.info('key manifest issued', { code: 'MANIFEST_ISSUED' });
    });
};

/** @returns whether there was anything to tell */
async function tellGenerations(operator: Platform, service: KeyClockwork, sign: Signer): Promise<boolean> {
  const { keys, version } = await loadKeyring(operator);
  let generations: readonly KeyGeneration[] = keys;
  for (const use of TOLD) {
    const { id, createdAt } = await service.newestGeneration(use);
    if (!keys.some(({ kmsKeyId }) => kmsKeyId === id)) generations = nextGenerations(generations, id, use, createdAt);
  }
  if (generations === keys) return false;
  await issueManifest(operator, generations, version + 1, sign);
  return true;
}
