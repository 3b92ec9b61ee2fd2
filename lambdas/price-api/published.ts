import { type DemandResponseState, demandResponse } from '../../domain/price/demand-response.ts';
import {
  type DayAheadPublished,
  type DemandResponsePublished,
  type DomainEvent,
  JoulekeepError,
  type PricePublished,
} from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream, WarmStreams } from '../shared/streams.ts';

/** What the routes of prices are answered with. */
export interface Desk extends Platform {
  readonly published: Published;
}

/** What of a zone may still be asked for. */
export interface PublishedZone {
  /** UTC ms. */
  readonly since?: number;
  /** Newest last. */
  readonly days: readonly DayAheadPublished[];
  readonly prices: readonly PricePublished[];
}

export interface PublishedProgram extends DemandResponseState {
  /** Newest last. */
  readonly signed: readonly DemandResponsePublished[];
}

const DAYS_KEPT = 4;
const PRICES_KEPT = 700;
const EVENTS_KEPT = 200;
const STREAMS_KEPT = 2_000;
const LISTED_MS = 60_000;

const zone = {
  initial: { days: [], prices: [] } as PublishedZone,
  evolve(state: PublishedZone, event: DomainEvent): PublishedZone {
    if (event.type === 'PriceZoneApproved') return { ...state, since: state.since ?? event.data.at };
    if (event.type === 'DayAheadPublished') return { ...state, days: [...state.days, event.data].slice(-DAYS_KEPT) };
    if (event.type === 'PricePublished') return { ...state, prices: [...state.prices, event.data].slice(-PRICES_KEPT) };
    return state;
  },
};

const program = {
  initial: { ...demandResponse.initial, signed: [] } as PublishedProgram,
  evolve(state: PublishedProgram, event: DomainEvent): PublishedProgram {
    const signed = event.type === 'DemandResponsePublished' ? [...state.signed, event.data].slice(-EVENTS_KEPT) : state.signed;
    return { ...demandResponse.evolve(state, event), signed };
  },
};

/** Streams of prices and events as they stand; each is read on from where it was read last. */
export class Published {
  readonly #platform: Pick<Platform, 'events' | 'clock'>;
  readonly #zones = new WarmStreams<PublishedZone>(STREAMS_KEPT);
  readonly #programs = new WarmStreams<PublishedProgram>(STREAMS_KEPT);
  readonly #names = new Map<string, { readonly names: readonly string[]; readonly at: number }>();

  constructor(platform: Pick<Platform, 'events' | 'clock'>) {
    this.#platform = platform;
  }

  /** @throws ERR_ZONE_UNKNOWN */
  async zone(name: string): Promise<PublishedZone> {
    const { state } = await foldStream(this.#platform.events, `price/${name}`, zone, this.#zones);
    if (state.since === undefined) throw new JoulekeepError('ERR_ZONE_UNKNOWN', `no zone ${name}`);
    return state;
  }

  /** @throws ERR_PROGRAM_UNKNOWN */
  async program(name: string): Promise<PublishedProgram> {
    const { state } = await foldStream(this.#platform.events, `demand-response/${name}`, program, this.#programs);
    if (state.name === undefined) throw new JoulekeepError('ERR_PROGRAM_UNKNOWN', `no program ${name}`);
    return state;
  }

  /** Names behind a prefix, asked for again after a minute. */
  async names(prefix: 'price/' | 'demand-response/'): Promise<readonly string[]> {
    const now = this.#platform.clock.now();
    const known = this.#names.get(prefix);
    if (known !== undefined && now >= known.at && now - known.at < LISTED_MS) return known.names;
    const names: string[] = [];
    for await (const stream of this.#platform.events.streams(prefix)) names.push(stream.slice(prefix.length));
    this.#names.set(prefix, { names, at: now });
    return names;
  }
}
