import { disclosureGate } from '../../domain/privacy/gate.ts';
import { OPERATOR_FEED_TYP } from '../../events/catalogue/operator-feed.ts';
import type { AssetRecord, DomainEvent } from '../../events/index.ts';
import type { ForecastOf } from '../../lambdas/ems/doubts.ts';
import { makeEms } from '../../lambdas/ems/handler.ts';
import type { OperatorBody } from '../../lambdas/ems/payload.ts';
import { COMPOSITIONS, composeLeaves, keepCompositions, type Place } from '../../lambdas/project/compositions.ts';
import { pinnedKeyOf } from '../../lambdas/shared/feeds/jws-signer.ts';
import { areaFeed, OPERATOR_FEED_KEY } from '../../lambdas/shared/feeds/operator-feed.ts';
import { type FeedPlace, type FeedTrust, verifyChain } from '../../protocol/feed.ts';
import { parseJws } from '../../protocol/jws.ts';
import type { Defences } from '../../topology/defences.ts';
import { type Follow, follower } from '../project/following.ts';
import { MIDNIGHT, SegmentStreet } from '../project/segment-street.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { lambdaContext } from '../support/sqs.ts';

/** Meters by leaf, as numbers of the street. */
export type Leaves = Readonly<Record<string, readonly number[]>>;

export interface TownOptions {
  readonly defences?: Defences;
  readonly forecastOf?: ForecastOf;
  /** Energy of 12 months, Wh, of meters that are not like the others. */
  readonly annualWh?: Readonly<Record<number, number>>;
  /** Meters of others than homes. */
  readonly commercial?: readonly number[];
}

const HOMES_PER_SEGMENT = 500;
const LATENCY_SLOTS = 5;

/** Homes in leaves, the function that tells the operator, and the operator. */
export class OperatorTown {
  readonly street = new SegmentStreet();
  readonly defences: Defences;
  readonly #follow: Follow;
  readonly #ems: ReturnType<typeof makeEms>;
  #taken = 0;

  constructor({ defences = defencesUnderTest(), forecastOf = async () => undefined }: TownOptions = {}) {
    this.defences = defences;
    this.#follow = follower(this.street.world.as('project'));
    this.#ems = makeEms(this.street.world.as('ems'), defences, forecastOf);
  }

  static async of(leaves: Leaves, options: TownOptions = {}): Promise<OperatorTown> {
    const town = new OperatorTown(options);
    const { commercial = [], annualWh = {} } = options;
    const places: Place[] = [];
    for (const [leaf, meters] of Object.entries(leaves)) {
      for (const [i, meter] of meters.entries()) {
        await town.street.join(meter, `${leaf}-${Math.floor(i / HOMES_PER_SEGMENT)}`, { ...HOME, areaLeaf: leaf });
        const kind = commercial.includes(meter) ? ('commercial' as const) : ('residential' as const);
        places.push({ leaf, customer: { subject: `account-${meter}`, class: kind, annualWh: annualWh[meter] ?? 3_500_000 } });
      }
    }
    await town.compose(places);
    return town;
  }

  async compose(places: readonly Place[]): Promise<boolean> {
    const table = this.street.world.as('project').models.table(COMPOSITIONS);
    return await keepCompositions(table, MIDNIGHT, composeLeaves(places), disclosureGate(this.defences.disclosureGate));
  }

  /** The head of a leaf's feeder. */
  async head(meter: number, leaf: string): Promise<void> {
    const channels = [{ ...HOME.channels[0]!, scale: 10 }];
    const asset: AssetRecord = { ...HOME, channels, fuseW: 2_000_000, areaLeaf: leaf, meterClass: 'grid' };
    await this.street.join(meter, `grid-${leaf}`, asset);
  }

  /** The same slot of many meters. @param value counts, of each */
  async send(meters: readonly number[], slot: number, value: number | ((meter: number) => number | undefined)): Promise<void> {
    const of = typeof value === 'number' ? () => value : value;
    for (let i = 0; i < meters.length; i += 200)
      await this.street.deliver(...meters.slice(i, i + 200).map((meter) => ({ meter, channel: 0, slot, values: [of(meter)] })));
  }

  /** What has come is projected, and what is due up to a slot is told. */
  async tell(slot: number, extraMs = 0): Promise<void> {
    const { world, arrivals } = this.street;
    const failed = await this.#follow(arrivals.slice(this.#taken));
    if (failed.length > 0) throw new Error('not projected');
    this.#taken = arrivals.length;
    world.clock.set(MIDNIGHT + (slot + LATENCY_SLOTS) * QUARTER_MS + extraMs);
    await this.#ems(SCHEDULED, lambdaContext('ems'));
  }

  events(area: string): readonly DomainEvent[] {
    return this.street.world.events.eventsOf(`area/${area}`);
  }

  /** Compact JWS of an area, in order. */
  feed(area: string): string[] {
    return this.events(area).flatMap((event) => ('jws' in event.data ? [event.data.jws] : []));
  }

  /** What the operator takes from the feed. */
  async received(area: string): Promise<OperatorItem[]> {
    const { items, faults } = verifyChain(this.feed(area), await this.receiver(area));
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    return items.map(({ payload }) => payload as unknown as OperatorItem);
  }

  /** What the operator has pinned. */
  async receiver(area: string): Promise<FeedTrust> {
    const keys = await pinnedKeyOf(this.street.world.as('ems').kms, OPERATOR_FEED_KEY, OPERATOR_FEED_TYP);
    return { feed: areaFeed(area), typ: OPERATOR_FEED_TYP, keys };
  }
}

/** An item as the operator reads it. */
export type OperatorItem = FeedPlace &
  OperatorBody & {
    readonly issuedAt: number;
    readonly revision: number;
    readonly window: { readonly from: number; readonly until: number };
    readonly completeness?: string;
  };

export const SCHEDULED = { id: 'test', time: '', 'detail-type': 'Scheduled Event' } as never;

/** Numbers of meters. */
export function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

export function payloadsOf(feed: readonly string[]): OperatorItem[] {
  return feed.map((jws) => {
    const parsed = parseJws(jws);
    if ('fault' in parsed) throw new Error(parsed.fault);
    return JSON.parse(parsed.payload.toString()) as OperatorItem;
  });
}

/** Items of one kind. */
export function ofKind<Kind extends OperatorItem['kind']>(items: readonly OperatorItem[], kind: Kind): OfKind<Kind>[] {
  return items.filter((item) => item.kind === kind) as OfKind<Kind>[];
}

type OfKind<Kind> = Kind extends 'demand' | 'revision'
  ? Extract<OperatorItem, { readonly netWh: number }>
  : Extract<OperatorItem, { readonly kind: Kind }>;
