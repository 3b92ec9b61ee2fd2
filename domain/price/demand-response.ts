import {
  type AdrEvent,
  type ChainLink,
  type DemandResponseClaims,
  type DemandResponseStreamEvent,
  type DomainEvent,
  JoulekeepError,
  type Signed,
} from '../../events/index.ts';
import { extendsChain, NO_LINK, nextLink } from '../feed/chain.ts';

export type DemandResponseCommand =
  | { readonly type: 'OpenProgram'; readonly program: string; readonly name: string; readonly at: number }
  | ({ readonly type: 'PublishDemandResponse' } & Signed<DemandResponseClaims>);

export interface DemandResponseState {
  readonly name?: string;
  readonly openedAt?: number;
  readonly head: ChainLink;
  /** By event id the newest form. */
  readonly events: ReadonlyMap<string, AdrEvent>;
}

/**
 * What a program may ask for: a level from 0 (as usual) to 3 (emergency), as a wish. There is no type that switches anything, so
 * none can be signed. @source OpenADR 3.1.0, payload type SIMPLE; X.1332 8.4 (abuse of load control)
 */
export const ASKED_PAYLOADS = ['SIMPLE'] as const;
const MOST_KNOWN = 200;

/**
 * Decider of stream `demand-response/<program>`.
 * @throws ERR_PROGRAM_UNKNOWN, ERR_PAYLOAD_NOT_ALLOWED, ERR_CHAIN_MOVED (retryable)
 */
export const demandResponse = { initial: { head: NO_LINK, events: new Map() } as DemandResponseState, decide, evolve };

function decide(command: DemandResponseCommand, state: DemandResponseState): readonly DemandResponseStreamEvent[] {
  if (command.type === 'OpenProgram') {
    const { type: _type, ...data } = command;
    return state.name === data.name ? [] : [{ type: 'DemandResponseProgramOpened', data }];
  }
  const { type: _type, ...data } = command;
  if (state.name === undefined) throw new JoulekeepError('ERR_PROGRAM_UNKNOWN', `program ${data.claims.program} was never opened`);
  checkPayloads(data.claims.event);
  extendsChain(state.head, data.claims);
  return [{ type: 'DemandResponsePublished', data }];
}

/** @throws ERR_PAYLOAD_NOT_ALLOWED */
export function checkPayloads({ id, intervals }: Pick<AdrEvent, 'id' | 'intervals'>): void {
  const payloads = intervals.flatMap((interval) => interval.payloads);
  const isLevel = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 3;
  const allowed = payloads.every(
    ({ type, values }) => ASKED_PAYLOADS.some((known) => known === type) && values.length === 1 && isLevel(values[0]),
  );
  if (!allowed || payloads.length === 0) {
    throw new JoulekeepError(
      'ERR_PAYLOAD_NOT_ALLOWED',
      `event ${id}: only ${ASKED_PAYLOADS.join(', ')} with a level from 0 to 3 is asked for`,
    );
  }
}

function evolve(state: DemandResponseState, event: DomainEvent): DemandResponseState {
  switch (event.type) {
    case 'DemandResponseProgramOpened':
      return { ...state, name: event.data.name, openedAt: state.openedAt ?? event.data.at };
    case 'DemandResponsePublished': {
      const asked = event.data.claims.event;
      const events = new Map(state.events);
      events.delete(asked.id);
      events.set(asked.id, asked);
      if (events.size > MOST_KNOWN) events.delete(events.keys().next().value!);
      return { ...state, events, head: nextLink(event.data) };
    }
    default:
      return state;
  }
}
