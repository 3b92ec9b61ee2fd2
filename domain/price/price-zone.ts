import {
  type ChainLink,
  type DayAheadClaims,
  type DomainEvent,
  JoulekeepError,
  type PriceClaims,
  type PriceEvent,
  type Signed,
  type ZoneSettings,
} from '../../events/index.ts';
import { extendsChain, NO_LINK, nextLink } from '../feed/chain.ts';
import { priceFault } from './price-band.ts';

export type PriceZoneCommand =
  | { readonly type: 'ProposeZone'; readonly zone: string; readonly settings: ZoneSettings; readonly by: string; readonly at: number }
  | { readonly type: 'ApproveZone'; readonly zone: string; readonly by: string; readonly at: number }
  | ({ readonly type: 'PublishDayAhead' } & Signed<DayAheadClaims>)
  /** Before anything is signed: what the band doesn't allow is recorded as refused. */
  | ({ readonly type: 'OfferPrice'; readonly at: number } & PriceOffer)
  | ({ readonly type: 'PublishPrice' } & Signed<PriceClaims>);

export type PriceOffer = Pick<PriceClaims, 'zone' | 'start' | 'minutes' | 'prices'>;

export interface PriceZoneState {
  /** In force; absent until a second person approved. */
  readonly settings?: ZoneSettings;
  readonly proposal?: { readonly settings: ZoneSettings; readonly by: string };
  /** Newest last; days long past are forgotten. */
  readonly days: readonly DayAheadClaims[];
  readonly tariffHead: ChainLink;
  readonly priceHead: ChainLink;
  readonly latest?: PriceClaims;
  /** Newest last. */
  readonly recent: readonly (ChainLink & Pick<PriceClaims, 'start' | 'minutes'>)[];
  /** Start of the last price that was refused, UTC s. */
  readonly refusedStart?: number;
}

const DAYS_KEPT = 6;
const LINKS_KEPT = 8;
const ZONE = /^[A-Za-z0-9_-]{1,64}$/;
const STEPS = [5, 15, 30, 60];
const SPREAD = /^\d{1,12}$/;

/**
 * Decider of stream `price/<zone>`: who may move the band, and what may be signed. Real-time prices stay inside the band of the
 * day-ahead tariff, whatever asks for them.
 * @throws ERR_ZONE_SETTINGS, ERR_ZONE_NOTHING_PROPOSED, ERR_SECOND_PERSON, ERR_PRICE_OUTSIDE_BAND,
 * ERR_CHAIN_MOVED (retryable) when another writer signed first
 */
export const priceZone = {
  initial: { days: [], recent: [], tariffHead: NO_LINK, priceHead: NO_LINK } as PriceZoneState,
  decide,
  evolve,
};

function decide(command: PriceZoneCommand, state: PriceZoneState): readonly PriceEvent[] {
  switch (command.type) {
    case 'ProposeZone':
      return propose(command, state);
    case 'ApproveZone':
      return approve(command, state);
    case 'PublishDayAhead': {
      const { type: _type, ...data } = command;
      extendsChain(state.tariffHead, data.claims);
      return [{ type: 'DayAheadPublished', data }];
    }
    case 'OfferPrice': {
      const { type: _type, minutes: _minutes, ...offer } = command;
      const reason = priceFault(state.days, command);
      if (reason === undefined || state.refusedStart === offer.start) return [];
      return [{ type: 'PriceRefused', data: { ...offer, reason } }];
    }
    case 'PublishPrice': {
      const { type: _type, ...data } = command;
      extendsChain(state.priceHead, data.claims);
      const fault = priceFault(state.days, data.claims);
      if (fault !== undefined) throw new JoulekeepError('ERR_PRICE_OUTSIDE_BAND', `${data.claims.zone}: a price was signed with ${fault}`);
      return [{ type: 'PricePublished', data }];
    }
  }
}

function propose(
  { zone, settings, by, at }: Extract<PriceZoneCommand, { type: 'ProposeZone' }>,
  state: PriceZoneState,
): readonly PriceEvent[] {
  if (!ZONE.test(zone) || !STEPS.includes(settings.minutes) || !SPREAD.test(settings.spreadMicroPerKWh)) {
    throw new JoulekeepError(
      'ERR_ZONE_SETTINGS',
      `zone ${zone}: letters, digits, - and _, intervals of ${STEPS.join(', ')} minutes, a spread of at most 12 digits`,
    );
  }
  const standing = state.proposal ?? { settings: state.settings, by };
  if (standing.by === by && isSame(standing.settings, settings)) return [];
  return [{ type: 'PriceZoneProposed', data: { zone, settings, by, at } }];
}

function approve(
  { zone, by, at }: Extract<PriceZoneCommand, { type: 'ApproveZone' }>,
  { proposal }: PriceZoneState,
): readonly PriceEvent[] {
  if (proposal === undefined) throw new JoulekeepError('ERR_ZONE_NOTHING_PROPOSED', `${zone}: nothing waits for approval`);
  if (proposal.by === by) throw new JoulekeepError('ERR_SECOND_PERSON', `${zone}: ${by} proposed it, somebody else approves`);
  return [{ type: 'PriceZoneApproved', data: { zone, by, at } }];
}

function isSame(a: ZoneSettings | undefined, b: ZoneSettings): boolean {
  return (
    a !== undefined &&
    a.tariff === b.tariff &&
    a.timeZone === b.timeZone &&
    a.minutes === b.minutes &&
    a.spreadMicroPerKWh === b.spreadMicroPerKWh
  );
}

function evolve(state: PriceZoneState, event: DomainEvent): PriceZoneState {
  switch (event.type) {
    case 'PriceZoneProposed':
      return { ...state, proposal: { settings: event.data.settings, by: event.data.by } };
    case 'PriceZoneApproved': {
      const { proposal, ...rest } = state;
      return proposal === undefined ? state : { ...rest, settings: proposal.settings };
    }
    case 'DayAheadPublished':
      return { ...state, days: [...state.days, event.data.claims].slice(-DAYS_KEPT), tariffHead: nextLink(event.data) };
    case 'PricePublished':
      return taken(state, event.data);
    case 'PriceRefused':
      return { ...state, refusedStart: event.data.start };
    default:
      return state;
  }
}

function taken(state: PriceZoneState, data: Signed<PriceClaims>): PriceZoneState {
  const priceHead = nextLink(data);
  const { start, minutes } = data.claims;
  return { ...state, latest: data.claims, priceHead, recent: [...state.recent, { ...priceHead, start, minutes }].slice(-LINKS_KEPT) };
}

/**
 * Where a device that knows nothing may enter the chain: behind the last price whose interval is over, so that the one in force is the next
 * it takes. @param at UTC s
 */
export function chainSnapshot({ recent }: PriceZoneState, at: number): ChainLink {
  const over = recent.findLast(({ start, minutes }) => start + minutes * 60 <= at);
  return over === undefined ? NO_LINK : { seq: over.seq, hash: over.hash };
}
