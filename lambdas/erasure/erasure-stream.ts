import { type ErasureCommand, erasure } from '../../domain/erasure/erasure.ts';
import type { ErasureState } from '../../domain/erasure/erasure-state.ts';
import type { ErasureEvent } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type Decided, foldStream, readTo, runDecider } from '../shared/streams.ts';
import { keepErasure } from './kept-erasure.ts';

export const ERASURES = 'erasure/';

export async function erasureState({ events }: Pick<Platform, 'events'>, account: string): Promise<ErasureState> {
  return (await foldStream(events, ERASURES + account, erasure)).state;
}

/** A word of the customer on whether it is wanted, where it is on record. */
export interface Wish {
  readonly of: 'requested' | 'withdrawn';
  /** UTC ms. */
  readonly at: number;
  /** After its commit. */
  readonly head: StreamHead;
}

export interface RecordedErasure {
  readonly state: ErasureState;
  /** The newest. */
  readonly wish: Wish | undefined;
}

export async function recordedErasure({ events }: Pick<Platform, 'events'>, account: string): Promise<RecordedErasure> {
  let state: ErasureState = erasure.initial;
  let wish: Wish | undefined;
  await readTo(events, { stream: ERASURES + account, head: undefined }, ({ events: recorded, head }) => {
    for (const event of recorded) {
      state = erasure.evolve(state, event);
      if (event.type === 'ErasureRequested') wish = { of: 'requested', at: event.data.at, head };
      if (event.type === 'ErasureWithdrawn') wish = { of: 'withdrawn', at: event.data.at, head };
    }
  });
  return { state, wish };
}

/** @throws what the decider throws */
export async function decideErasure(
  platform: Pick<Platform, 'events' | 'keys' | 'clock'>,
  account: string,
  commands: ErasureCommand | readonly ErasureCommand[],
): Promise<Decided<ErasureState, ErasureEvent>> {
  const decided = await runDecider(platform.events, ERASURES + account, erasure, commands);
  await keepErasure(platform, account, decided);
  return decided;
}
