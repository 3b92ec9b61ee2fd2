import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { codeOf } from '../../events/errors.ts';
import type { KeyClockwork } from '../../platform/ports/kms.ts';
import type { Clock, Platform } from '../../platform/ports/platform.ts';
import type { Signer } from '../../protocol/cose.ts';
import { makeCounters } from '../middleware/counters.ts';
import { handlerLog } from '../middleware/handler-log.ts';
import { observed } from '../middleware/observed.ts';
import { tellDisplayKeys, withdrawnKeys } from '../prices/key-list.ts';
import { noteKeyAges } from '../shared/keys/key-ages.ts';
import { findKeyring, issueManifest, type KeyGeneration, nextGenerations } from '../shared/keys/manifest.ts';
import { endingApplications } from './application-ends.ts';

/** So long after it was withdrawn a key is spoken of. */
const DAY_MS = 86_400_000;

/** Keys whose public half the meters must know. */
const TOLD = ['agreement', 'handshake'] as const;

/**
 * The hourly duties of the key service: keys past their day of deletion are gone, those that are about to be are told of, due ones are rotated, and meters are told of
 * new public halves by a manifest of the next version. The manifest is derived from the generations that exist, so a run that
 * broke off after rotating is made up for by the next. Where the root is offline the manifest waits, while meters go on with
 * the generation before, which works until its overlap ends.
 * @param operator may read public keys; no other key is touched @param sign the root that meters trust;
 * throws ERR_MANIFEST_UNSIGNED until people have signed @param wall that browsers go by
 * @source X.1332 10.1 (keys refreshed, revoked and destroyed)
 */
export const makeKeyDuties = (operator: Platform, service: KeyClockwork, sign: Signer, wall: Clock = operator.clock) => {
  const counters = makeCounters('key-duties');
  const log = handlerLog('key-duties', operator);
  return middy<ScheduledEvent, void>()
    .use(observed('key-duties', { clock: operator.clock, log }, counters))
    .handler(async () => {
      const purged = await service.purgeDue();
      // Before successors are made: they take the names of what ends.
      const scheduled = await service.ending();
      const rotated = await service.rotateDue();
      if (purged.length > 0) log.warn('keys deleted', { code: 'KEYS_DELETED', count: purged.length });
      if (scheduled.length > 0)
        log.error('keys are about to be deleted', { code: 'KEYS_ENDING', count: scheduled.length, reason: scheduled.join() });
      if (rotated.length > 0) log.info('keys rotated', { code: 'KEYS_ROTATED', count: rotated.length });
      counters.add('KeysDeleted', purged.length);
      counters.add('KeysRotated', rotated.length);
      await noteKeyAges(operator, service);
      const told = await tellGenerations(operator, service, sign);
      if (told === 'issued') log.info('key manifest issued', { code: 'MANIFEST_ISSUED' });
      if (told === 'unsigned') log.warn('key manifest waits for its signature', { code: 'MANIFEST_UNSIGNED' });
      counters.add('ManifestsUnsigned', told === 'unsigned' ? 1 : 0);
      if ((await tellDisplays(operator, service, sign)) === 'unsigned') {
        log.warn('key list of displays waits for its signature', { code: 'KEY_LIST_UNSIGNED' });
      }
      const withdrawn = (await withdrawnKeys(operator)).filter(({ at }) => wall.now() - at < DAY_MS);
      if (withdrawn.length > 0) log.warn('signing keys withdrawn', { code: 'KEY_WITHDRAWN', count: withdrawn.length });
      const ending = await endingApplications(operator, wall);
      if (ending.length > 0) log.warn('applications end soon', { code: 'APPLICATION_ENDS', count: ending.length });
    });
};

type Told = 'nothing new' | 'issued' | 'unsigned';

/** What signs for customers' devices, told to them the same way. */
async function tellDisplays(operator: Platform, service: KeyClockwork, sign: Signer): Promise<'told' | 'unsigned'> {
  try {
    await tellDisplayKeys(operator, service, sign);
    return 'told';
  } catch (error) {
    if (['ERR_MANIFEST_UNSIGNED', 'ERR_ROOT_MISSING'].includes(codeOf(error))) return 'unsigned';
    throw error;
  }
}

/** The same generations make the same bytes to sign, however often it is tried. */
async function tellGenerations(operator: Platform, service: KeyClockwork, sign: Signer): Promise<Told> {
  const inForce = await findKeyring(operator);
  let generations: readonly KeyGeneration[] = inForce?.keys ?? [];
  let issuedAt = 0;
  for (const use of TOLD) {
    const { id, createdAt } = await service.newestGeneration(use);
    if (generations.some(({ kmsKeyId }) => kmsKeyId === id)) continue;
    generations = nextGenerations(generations, id, use, createdAt);
    issuedAt = Math.max(issuedAt, createdAt);
  }
  if (issuedAt === 0) return 'nothing new';
  try {
    await issueManifest(operator, generations, (inForce?.version ?? 0) + 1, sign, issuedAt);
    return 'issued';
  } catch (error) {
    if (codeOf(error) === 'ERR_MANIFEST_UNSIGNED') return 'unsigned';
    throw error;
  }
}
