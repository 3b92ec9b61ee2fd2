import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AREA_SUMS, areaAt } from '../../lambdas/project/area-sums.ts';
import { rebuildModel } from '../../lambdas/project/rebuild.ts';
import { SEGMENT_TABLES } from '../../lambdas/project/segment-projection.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { contents, follower } from './following.ts';
import { endOf, MIDNIGHT, SegmentStreet, type Sent, slotsOf } from './segment-street.ts';

const METERS = 4;
const SEGMENTS = ['a', 'b', 'c'] as const;
const SLOTS = 60;
const CAPACITY = 6_600;

type Step =
  | { readonly do: 'send'; readonly frames: readonly Sent[] }
  | { readonly do: 'move'; readonly meter: number; readonly to: number }
  | { readonly do: 'area'; readonly meter: number; readonly leaf: number };

const meter = fc.integer({ min: 0, max: METERS - 1 });
const value = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 500 }) }, fc.constantFrom(6_601, 40_000, undefined));
const frame = fc.record({
  meter,
  channel: fc.constant(0),
  slot: fc.integer({ min: 1, max: SLOTS }),
  values: fc.oneof(fc.array(value, { minLength: 1, maxLength: 1 }), fc.array(value, { minLength: 4, maxLength: 4 })),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), frames: fc.array(frame, { minLength: 1, maxLength: 6 }) }) },
  fc.record({ do: fc.constant('move' as const), meter, to: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant('area' as const), meter, leaf: fc.integer({ min: 1, max: 2 }) }),
);
const life = fc.array(step, { minLength: 1, maxLength: 25 });
/** Sizes of batches, in turn; a batch of -n is delivered n times. A crash hits the so-manieth write. */
const delivery = fc.record({
  sizes: fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 1, maxLength: 8 }),
  crashes: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
  restarts: fc.boolean(),
});

/** What the slots add up to by another way: a map of what came first. */
class Truth {
  readonly #first = new Map<string, { slot: number; value: number | undefined; leaf: string }>();
  readonly leaves = new Map<number, string>();

  note({ meter, slot, values }: Sent): void {
    for (const [i, value] of values.entries()) {
      const at = slot - values.length + 1 + i;
      const key = `${meter}/${at}`;
      if (at > 0 && !this.#first.has(key)) this.#first.set(key, { slot: at, value, leaf: this.leaves.get(meter) ?? 'area-1' });
    }
  }

  /** Wh by slot of the day, from 0. */
  usage(meter: number): Record<number, number> {
    const came = [...this.#first].filter(([key, { value }]) => key.startsWith(`${meter}/`) && value !== undefined && value <= CAPACITY);
    return Object.fromEntries(came.map(([, { slot, value }]) => [slot - 1, value!]));
  }

  area(leaf: string, slot: number) {
    const here = [...this.#first.values()].filter((came) => came.leaf === leaf && came.slot === slot && came.value !== undefined);
    const measured = here.filter(({ value }) => value! <= CAPACITY);
    const importWh = measured.reduce((sum, { value }) => sum + value!, 0);
    return { importWh, exportWh: 0, measured: measured.length, held: here.length - measured.length, exporting: 0 };
  }
}

async function lived(steps: readonly Step[]): Promise<{ street: SegmentStreet; truth: Truth }> {
  const street = new SegmentStreet();
  const truth = new Truth();
  for (let meter = 0; meter < METERS; meter++) await street.join(meter, SEGMENTS[meter % SEGMENTS.length]!);
  for (const [i, one] of steps.entries()) {
    if (one.do === 'move') await street.move(one.meter, SEGMENTS[one.to]!, MIDNIGHT + i * QUARTER_MS);
    else if (one.do === 'area') {
      const areaLeaf = `area-${one.leaf}`;
      await street.amend(one.meter, { asset: { ...HOME, areaLeaf } });
      truth.leaves.set(one.meter, areaLeaf);
    } else {
      await street.deliver(...one.frames);
      // Frames of one batch are decided segment by segment.
      for (const segment of new Set(one.frames.map((sent) => street.where(sent.meter)))) {
        for (const sent of one.frames) if (street.where(sent.meter) === segment) truth.note(sent);
      }
    }
  }
  return { street, truth };
}

/** Hands the arrivals over in batches of these sizes, some more than once; after a crash in the middle of writes more have come. */
async function deliver(street: SegmentStreet, { sizes, crashes, restarts }: typeof delivery extends fc.Arbitrary<infer T> ? T : never) {
  let writes = 0;
  street.world.models.beforePut = () => {
    if (crashes.includes(++writes)) throw new Error('crash');
  };
  let follow = follower(street.world.as('project'));
  for (let at = 0, turn = 0; at < street.arrivals.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    let end = at + Math.max(1, Math.abs(size));
    for (let times = size < 0 ? -size : 1; times > 0; times--) {
      while ((await follow(street.arrivals.slice(at, end))).length > 0) {
        end++;
        if (restarts) follow = follower(street.world.as('project'));
      }
    }
    at = end;
  }
  street.world.models.beforePut = undefined;
}

describe('read models of segments', () => {
  it('are the same however commits come in batches, twice, with crashes between writes, and made anew', async () => {
    await fc.assert(
      fc.asyncProperty(life, delivery, async (steps, how) => {
        const { street, truth } = await lived(steps);
        await deliver(street, how);
        const incremental = contents(street.world, SEGMENT_TABLES);
        const { streams } = await rebuildModel(street.world.as('project'), 'segments');
        expect(streams).toBeGreaterThan(0);
        expect(contents(street.world, SEGMENT_TABLES)).toEqual(incremental);
        const sums = street.world.as('project').models.table(AREA_SUMS);
        for (const leaf of ['area-1', 'area-2']) {
          for (let slot = 1; slot <= SLOTS; slot++) expect(await areaAt(sums, leaf, endOf(slot))).toEqual(truth.area(leaf, slot));
        }
        for (let meter = 0; meter < METERS; meter++) expect(slotsOf(await street.usage(meter))).toEqual(truth.usage(meter));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('what is recorded while they are made anew is in them afterwards', async () => {
    const { street, truth } = await lived([{ do: 'send', frames: [{ meter: 0, channel: 0, slot: 4, values: [1, 2, 3, 4] }] }]);
    const platform = street.world.as('project');
    const late: Sent = { meter: 0, channel: 0, slot: 5, values: [5] };
    const during = async () => {
      await street.deliver(late);
      truth.note(late);
      expect(await follower(platform)(street.arrivals)).toEqual([]);
    };
    let recorded: Promise<void> | undefined;
    const models = {
      ...platform.models,
      rebuild: async (name: string) => {
        const rebuild = await platform.models.rebuild(name);
        const switched = async () => {
          // The last moment at which the old tables are in use.
          recorded ??= during();
          await recorded;
          await rebuild.switch();
        };
        return { ...rebuild, switch: switched };
      },
    };
    await rebuildModel({ ...platform, models }, 'segments');
    expect(await areaAt(platform.models.table(AREA_SUMS), 'area-1', endOf(5))).toEqual(truth.area('area-1', 5));
    expect(truth.area('area-1', 5).importWh).toBe(5);
  });

  it('a fault while they are made anew leaves what is in use as it is; a model that nobody knows is refused', async () => {
    const { street } = await lived([{ do: 'send', frames: [{ meter: 0, channel: 0, slot: 1, values: [1] }] }]);
    const platform = street.world.as('project');
    expect(await follower(platform)(street.arrivals)).toEqual([]);
    const before = contents(street.world, SEGMENT_TABLES);
    street.world.models.beforePut = () => {
      throw new Error('full');
    };
    await expect(rebuildModel(platform, 'segments')).rejects.toThrow('full');
    street.world.models.beforePut = undefined;
    expect(contents(street.world, SEGMENT_TABLES)).toEqual(before);
    await expect(rebuildModel(platform, 'everything')).rejects.toThrow(expect.objectContaining({ code: 'ERR_MODEL_UNKNOWN' }));
  });
});
