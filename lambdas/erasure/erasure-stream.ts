import { type ErasureCommand, erasure } from '../../domain/erasure/erasure.ts';
import type { ErasureState } from '../../domain/erasure/erasure-state.ts';
import type { ErasureEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type Decided, foldStream, runDecider } from '../shared/streams.ts';
import { keepErasure } from './kept-erasure.ts';

export const ERASURES = 'erasure/';

export async function erasureState({ events }: Pick<Platform, 'events'>, account: string): Promise<ErasureState> {
  return (await foldStream(events, ERASURES + account, erasure)).state;
}

/** @throws what the decider throws */
export async function decideErasure(
  { events, keys }: Pick<Platform, 'events' | 'keys'>,
  account: string,
  commands: ErasureCommand | readonly ErasureCommand[],
): Promise<Decided<ErasureState, ErasureEvent>> {
  const decided = await runDecider(events, ERASURES + account, erasure, commands);
  await keepErasure({ keys }, account, decided);
  return decided;
}
