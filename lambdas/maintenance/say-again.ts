import { account as accountDecider } from '../../domain/account/account.ts';
import { consentDecider } from '../../domain/consent/consent.ts';
import { type ErasureCommand, erasure } from '../../domain/erasure/erasure.ts';
import type { ErasureState } from '../../domain/erasure/erasure-state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { consentStream } from '../consent/consent-stream.ts';
import { ERASURES, erasureState } from '../erasure/erasure-stream.ts';
import { type ConsentWord, type ErasureWord, keptWords } from '../shared/kept-words.ts';
import { foldStream, runDecider } from '../shared/streams.ts';
import { sayOfDevices } from './say-again-devices.ts';
import { sayOfDelivery, sayOfRecipient } from './say-again-recipients.ts';

const consents = consentDecider(ALL_DEFENCES);
/** The stream is further than the word: nothing is left to say. */
const FURTHER: readonly string[] = ['ERR_CONSENT_WIDENED', 'ERR_CONSENT_ENDED', 'ERR_ERASURE_BEGUN'];

/**
 * After a restore: what customers took back, what was asked of erasures, what was taken from recipients, and which devices were cut off is said again where the streams have forgotten it, with the moments at which
 * it was said. What they know is not said twice, so it can be repeated. Of consents, accounts, recipients and devices that the backup does not know nothing is said: there is
 * nothing to take back. @returns how many events it took
 */
export async function sayAgain(platform: Platform): Promise<number> {
  const { keys } = platform;
  let count = await sayOfDevices(platform);
  for (const [consentId, words] of await keptWords(keys, 'consent')) count += await sayOfConsent(platform, consentId, words);
  for (const [account, words] of await keptWords(keys, 'erasure')) count += await sayOfErasure(platform, account, words);
  for (const kind of ['recipient', 'webhook'] as const)
    for (const [recipientId, words] of await keptWords(keys, kind)) count += await sayOfRecipient(platform, recipientId, words);
  for (const kind of ['delivery', 'party-delivery'] as const)
    for (const [place, words] of await keptWords(keys, kind)) count += await sayOfDelivery(platform, place, words);
  return count;
}

async function sayOfConsent({ events }: Platform, consentId: string, words: readonly ConsentWord[]): Promise<number> {
  const stream = consentStream(consentId);
  let count = 0;
  for (const word of words) {
    const { state } = await foldStream(events, stream, consents);
    // What was granted after the word was never meant by it.
    if (state.status !== 'granted' || word.at < state.at) continue;
    count += await unlessFurther(() => runDecider(events, stream, consents, consentCommand(word)));
  }
  return count;
}

function consentCommand({ said, ...data }: ConsentWord): Parameters<typeof consents.decide>[0] {
  return { type: said === 'revoked' ? 'RevokeConsent' : 'NarrowConsent', ...data } as Parameters<typeof consents.decide>[0];
}

async function sayOfErasure(platform: Platform, account: string, words: readonly ErasureWord[]): Promise<number> {
  const { events } = platform;
  const { state } = await foldStream(events, `account/${account}`, accountDecider);
  if (state.status === 'unopened') return 0;
  let count = 0;
  for (const word of words) {
    const command = erasureCommand(word, await erasureState(platform, account));
    if (command !== undefined) count += await unlessFurther(() => runDecider(events, ERASURES + account, erasure, command));
  }
  return count;
}

/** undefined for what the stream knows. A request that was taken back and made again is both again: the second has its own days of grace. */
function erasureCommand(
  word: ErasureWord,
  { status, requestedAt = 0, withdrawn, holds, released }: ErasureState,
): ErasureCommand | undefined {
  const { said, at } = word;
  switch (said) {
    case 'requested':
      return status === 'none' && at > (withdrawn?.at ?? 0) ? { ...word, type: 'RequestErasure' } : undefined;
    case 'withdrawn':
      return status === 'requested' && at >= requestedAt ? { type: 'WithdrawErasure', by: word.by, at } : undefined;
    case 'hold':
      return holds.has(word.hold) || released.has(word.hold) ? undefined : { ...word, type: 'PlaceHold' };
    case 'released':
      return holds.has(word.hold) ? { ...word, type: 'ReleaseHold' } : undefined;
  }
}

async function unlessFurther(work: () => Promise<{ readonly events: readonly unknown[] }>): Promise<number> {
  try {
    return (await work()).events.length;
  } catch (error) {
    if (error instanceof JoulekeepError && FURTHER.includes(error.code)) return 0;
    throw error;
  }
}
