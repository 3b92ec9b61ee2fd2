import type { ErasureState } from '../../domain/erasure/erasure-state.ts';
import type { ErasureEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type ErasureWord, keepWord } from '../shared/kept-words.ts';

/**
 * Keeps what was asked of an erasure where no restore takes it back: what is so now, and what was said just now. Of a process that ended between
 * stream and word the next look at the erasure makes up for it. @source X.1332 10.3
 */
export async function keepErasure(
  platform: Pick<Platform, 'keys' | 'clock'>,
  account: string,
  { state, events }: { readonly state: ErasureState; readonly events: readonly ErasureEvent[] },
): Promise<void> {
  for (const word of [...standing(account, state), ...releases(events)]) await keepWord(platform, 'erasure', account, word);
}

function* standing(
  account: string,
  { requestedAt, requestedBy, notBefore, withdrawn, holds, status }: ErasureState,
): Iterable<ErasureWord> {
  if (status !== 'complete' && requestedAt !== undefined && requestedBy !== undefined && notBefore !== undefined)
    yield { said: 'requested', account, ...askerOf(requestedBy), notBefore, at: requestedAt };
  if (withdrawn !== undefined) yield { said: 'withdrawn', by: withdrawn.by, at: withdrawn.at };
  for (const hold of holds.values()) yield { said: 'hold', ...hold };
}

function askerOf(requestedBy: string): { readonly by: 'customer' } | { readonly by: 'utility'; readonly person: string } {
  return requestedBy === 'customer' ? { by: 'customer' } : { by: 'utility', person: requestedBy };
}

function* releases(events: readonly ErasureEvent[]): Iterable<ErasureWord> {
  for (const { type, data } of events) if (type === 'LegalHoldReleased') yield { said: 'released', ...data };
}
