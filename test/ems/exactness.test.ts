import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, MIDNIGHT } from '../project/segment-street.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { OperatorTown, payloadsOf } from './operator-world.ts';

const METERS = 5;
const SLOTS = 16;
const CAPACITY = 6_600;
const LEAVES = ['east', 'west'] as const;

type Step =
  | { readonly do: 'send'; readonly meter: number; readonly slot: number; readonly value: number | undefined }
  | { readonly do: 'join' | 'retire'; readonly meter: number }
  | { readonly do: 'move'; readonly meter: number; readonly to: number }
  | { readonly do: 'leaf'; readonly meter: number; readonly leaf: number }
  | { readonly do: 'tell'; readonly slot: number };

const meter = fc.integer({ min: 0, max: METERS - 1 });
const slot = fc.integer({ min: 1, max: SLOTS });
const value = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 500 }) }, fc.constantFrom(6_601, 40_000, undefined));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('send' as const), meter, slot, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), meter }) },
  fc.record({ do: fc.constant('retire' as const), meter }),
  fc.record({ do: fc.constant('move' as const), meter, to: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant('leaf' as const), meter, leaf: fc.integer({ min: 0, max: 1 }) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tell' as const), slot }) },
);

/** Homes that come and go, meters that are exchanged (another number of the street), and what was accepted of them, by another way. */
class Life {
  readonly town = new OperatorTown({ defences: { ...defencesUnderTest(), disclosureGate: false } });
  readonly #accepted = new Map<string, { readonly slot: number; readonly value: number; readonly leaf: string }>();
  readonly #arrived = new Set<string>();
  readonly #leaf = new Map<number, string>();
  readonly #retired = new Set<number>();
  readonly #since = new Map<number, number>();
  #now = 0;

  async begin(): Promise<void> {
    for (const [i, leaf] of LEAVES.entries()) await this.#join(i, leaf);
    const customer = { subject: 'a', class: 'residential', annualWh: 1 } as const;
    await this.town.compose(LEAVES.map((leaf) => ({ leaf, customer })));
  }

  async take(one: Step): Promise<void> {
    const { street } = this.town;
    if (one.do === 'tell') {
      this.#now = Math.max(this.#now, one.slot);
      await this.town.tell(this.#now, 3_600_000);
      return;
    }
    const here = this.#leaf.get(one.meter);
    if (one.do === 'join' && here === undefined) await this.#join(one.meter, LEAVES[one.meter % 2]!);
    if (here === undefined) return;
    const at = MIDNIGHT + this.#now * QUARTER_MS;
    // Who goes before the first interval was never there.
    if (one.do === 'retire' && this.#now > 0) {
      await street.amend(one.meter, { status: 'retired' }, at);
      this.#retired.add(one.meter);
    } else if (one.do === 'move' && !this.#retired.has(one.meter)) await street.move(one.meter, `segment-${one.to}`, at);
    else if (one.do === 'leaf' && this.#now > 0 && !this.#retired.has(one.meter)) {
      await street.amend(one.meter, { asset: { ...HOME, areaLeaf: LEAVES[one.leaf]! } }, at);
      this.#leaf.set(one.meter, LEAVES[one.leaf]!);
    } else if (one.do === 'send') await this.#send(one.meter, one.slot, one.value, here);
  }

  sum(leaf: string, at: number): number {
    return [...this.#accepted.values()].filter((one) => one.leaf === leaf && one.slot === at).reduce((sum, one) => sum + one.value, 0);
  }

  async #join(number: number, leaf: string): Promise<void> {
    await this.town.street.join(number, `segment-${number % 3}`, { ...HOME, areaLeaf: leaf }, MIDNIGHT + this.#now * QUARTER_MS);
    this.#leaf.set(number, leaf);
    this.#since.set(number, this.#now);
  }

  /** What comes first counts, under the leaf of the moment, unless it is more than the fuse lets through. */
  async #send(number: number, at: number, counts: number | undefined, leaf: string): Promise<void> {
    await this.town.street.deliver({ meter: number, channel: 0, slot: at, values: [counts] });
    const key = `${number}/${at}`;
    // What ended before a meter came is nobody's of it.
    if (this.#arrived.has(key) || at <= this.#since.get(number)!) return;
    this.#arrived.add(key);
    if (counts !== undefined && counts <= CAPACITY) this.#accepted.set(key, { slot: at, value: counts, leaf });
  }
}

describe('published sums', () => {
  it('are the accepted readings of the homes that are in the area at the moment, whatever comes late, twice, moves, joins or leaves', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const life = new Life();
        await life.begin();
        for (const one of steps) await life.take(one);
        // An hour later late data is looked at again.
        await life.take({ do: 'tell', slot: SLOTS + 8 });
        for (const leaf of LEAVES) {
          const last = lastOf(life.town, leaf);
          for (let at = 1; at <= SLOTS; at++) expect(last.get(endOf(at)) ?? 0, `${leaf} at ${at}`).toBe(life.sum(leaf, at));
          told += last.size;
        }
      }),
      { numRuns: 60 },
    );
    expect(told).toBeGreaterThan(0);
  }, 60_000);

  it('of an exchanged meter are those of both, each for its own time', async () => {
    const life = new Life();
    await life.begin();
    await life.take({ do: 'send', meter: 0, slot: 1, value: 10 });
    await life.take({ do: 'tell', slot: 1 });
    await life.take({ do: 'retire', meter: 0 });
    await life.take({ do: 'join', meter: 2 });
    await life.take({ do: 'send', meter: 2, slot: 2, value: 7 });
    await life.take({ do: 'tell', slot: 6 });
    expect([...lastOf(life.town, 'east').values()].slice(0, 2)).toEqual([10, 7]);
    expect(payloadsOf(life.town.feed('east')).slice(0, 1)).toMatchObject([{ completeness: '>=99%' }]);
  });
});

/** What was told last of each interval, by its end, UTC s. */
function lastOf(town: OperatorTown, area: string): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (const item of payloadsOf(town.feed(area))) if ('netWh' in item) last.set(item.window.until / 1000, item.netWh);
  return last;
}
