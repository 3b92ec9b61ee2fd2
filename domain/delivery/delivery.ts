import {
  type DeliveryEvent,
  type DeliveryFailure,
  type DomainEvent,
  type EndpointEnded,
  type EndpointSet,
  JoulekeepError,
  type ReplayAsked,
} from '../../events/index.ts';
import { DELIVERY_LASTS_MS, waitAfter } from './backoff.ts';

/** How one item fared. @param dueAt when it was issued, UTC ms */
export interface ItemOutcome {
  readonly seq: number;
  readonly issuedAt: number;
  readonly result: 'delivered' | { readonly dropped: string } | { readonly failed: DeliveryFailure };
}

export type DeliveryCommand =
  | ({ readonly type: 'SetEndpoint' } & EndpointSet)
  | ({ readonly type: 'EndEndpoint' } & EndpointEnded)
  /** Items in the order of the feed, up to the first that failed; `overdue`: newest item known to be older than an item may get. */
  | { readonly type: 'RecordPass'; readonly outcomes: readonly ItemOutcome[]; readonly overdue?: number; readonly at: number }
  | ({ readonly type: 'AskReplay' } & ReplayAsked);

/** Why and since when the next item doesn't get through. */
export interface FailingItem {
  readonly seq: number;
  readonly attempt: number;
  readonly failure: DeliveryFailure;
  readonly nextAt: number;
}

export interface DeliveryState {
  readonly status: 'unset' | 'open' | 'ended';
  readonly recipient: string;
  readonly feed: string;
  readonly url: string;
  readonly ca?: string;
  /** Everything up to this sequence is done with. */
  readonly through: number;
  /** No item is due from before: when the endpoint was set, or a replay asked for. */
  readonly since: number;
  readonly failing?: FailingItem;
  /** Not brought in time, in order. */
  readonly setAside: readonly { readonly from: number; readonly through: number }[];
}

const UNSET: DeliveryState = { status: 'unset', recipient: '', feed: '', url: '', through: 0, since: 0, setAside: [] };

/** What whoever is asked for says when nothing is there any more: never again. @source RFC 9110 15.5.11 */
const GONE: DeliveryFailure = 'status-410';

/**
 * Decider of stream `delivery/<recipient>/<audience>/<name>`. `[]` means already done; what another worker has recorded meanwhile is
 * not recorded twice.
 * @throws ERR_DELIVERY_UNSET, ERR_REPLAY_AHEAD for a replay of what never was
 */
export const delivery = { initial: UNSET, decide: decideDelivery, evolve: evolveDelivery };

/** When an item may be tried no longer, UTC ms. */
export function lastsUntil(state: DeliveryState, issuedAt: number): number {
  return Math.max(issuedAt, state.since) + DELIVERY_LASTS_MS;
}

function decideDelivery(command: DeliveryCommand, state: DeliveryState): readonly DeliveryEvent[] {
  if (command.type === 'SetEndpoint') return setEndpoint(command, state);
  if (state.status === 'unset') throw new JoulekeepError('ERR_DELIVERY_UNSET', `${command.type}: nothing is brought there`);
  switch (command.type) {
    case 'EndEndpoint': {
      const { reason, by, at } = command;
      return state.status === 'ended' ? [] : [{ type: 'EndpointEnded', data: { reason, by, at } }];
    }
    case 'RecordPass':
      return recordPass(command, state);
    case 'AskReplay': {
      const { after, by, at } = command;
      if (after > state.through) throw new JoulekeepError('ERR_REPLAY_AHEAD', `nothing behind ${state.through} was brought yet`);
      return [{ type: 'ReplayAsked', data: { after, by, at } }];
    }
    default:
      return command satisfies never;
  }
}

function setEndpoint(
  { type: _, ...set }: Extract<DeliveryCommand, { type: 'SetEndpoint' }>,
  state: DeliveryState,
): readonly DeliveryEvent[] {
  const same = state.status === 'open' && state.url === set.url && state.ca === set.ca;
  return same ? [] : [{ type: 'EndpointSet', data: set }];
}

function recordPass(
  { outcomes, overdue, at }: Extract<DeliveryCommand, { type: 'RecordPass' }>,
  state: DeliveryState,
): readonly DeliveryEvent[] {
  const events: DeliveryEvent[] = [];
  let through = state.through;
  let delivered = false;
  for (const { seq, issuedAt, result } of outcomes) {
    if (seq <= state.through) continue;
    if (result === 'delivered') {
      through = seq;
      delivered = true;
      continue;
    }
    if (delivered) events.push({ type: 'ItemsDelivered', data: { through, at } });
    delivered = false;
    if ('dropped' in result) {
      events.push({ type: 'ItemDropped', data: { seq, reason: result.dropped, at } });
      through = seq;
    } else return [...events, ...failed(state, { seq, issuedAt, failure: result.failed, overdue: overdue ?? seq, at })];
  }
  return delivered ? [...events, { type: 'ItemsDelivered', data: { through, at } }] : events;
}

interface Failed {
  readonly seq: number;
  readonly issuedAt: number;
  readonly failure: DeliveryFailure;
  readonly overdue: number;
  readonly at: number;
}

function failed(state: DeliveryState, { seq, issuedAt, failure, overdue, at }: Failed): readonly DeliveryEvent[] {
  if (failure === GONE) return [{ type: 'EndpointEnded', data: { reason: failure, by: state.recipient, at } }];
  const until = lastsUntil(state, issuedAt);
  if (at >= until) return [{ type: 'ItemsSetAside', data: { from: seq, through: Math.max(seq, overdue), failure, at } }];
  const attempt = (state.failing?.seq === seq ? state.failing.attempt : 0) + 1;
  return [{ type: 'DeliveryFailed', data: { seq, attempt, failure, at, nextAt: Math.min(at + waitAfter(attempt), until) } }];
}

function evolveDelivery(state: DeliveryState, event: DomainEvent): DeliveryState {
  const { failing: _, ...calm } = state;
  switch (event.type) {
    case 'EndpointSet': {
      const { recipient, feed, url, ca, at } = event.data;
      const { ca: _former, ...others } = calm;
      return { ...others, status: 'open', recipient, feed, url, since: at, ...(ca === undefined ? {} : { ca }) };
    }
    case 'EndpointEnded':
      return { ...calm, status: 'ended' };
    case 'ItemsDelivered':
      return { ...calm, through: event.data.through };
    case 'ItemDropped':
      return { ...calm, through: event.data.seq };
    case 'DeliveryFailed': {
      const { seq, attempt, failure, nextAt } = event.data;
      return { ...state, failing: { seq, attempt, failure, nextAt } };
    }
    case 'ItemsSetAside': {
      const { from, through } = event.data;
      return { ...calm, through, setAside: [...state.setAside, { from, through }] };
    }
    case 'ReplayAsked': {
      const { after, at } = event.data;
      const setAside = state.setAside.flatMap(({ from, through }) => (from > after ? [] : [{ from, through: Math.min(through, after) }]));
      return { ...calm, through: after, since: at, setAside };
    }
    default:
      return state;
  }
}
