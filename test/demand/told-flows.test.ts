import { describe, expect, it } from 'vitest';
import { accountOf, lastingDoubt, type ToldFlow, type ToldFlows, takeItem } from '../../domain/demand/told-flows.ts';
import type { Counts, DomainEvent, DoubtCause } from '../../events/index.ts';

const QUARTER = 900;
const WHOLE: Counts = { expected: 100, measured: 99, held: 0, exporting: 0 };
const ITEM = { seq: 1, prevHash: '', hash: '', jws: '', at: 0, area: 'north', intervalMinutes: 15 };

const published = (slot: number, netWh: number, counts = WHOLE): DomainEvent => ({
  type: 'AreaDemandPublished',
  data: { ...ITEM, end: slot * QUARTER, netWh, counts },
});
const revised = (slot: number, netWh: number, counts = WHOLE): DomainEvent => ({
  type: 'AreaRevised',
  data: { ...ITEM, end: slot * QUARTER, netWh, counts, revision: 2 },
});
const doubted = (slot: number, ...causes: DoubtCause[]): DomainEvent => ({
  type: 'AreaDoubted',
  data: { ...ITEM, end: slot * QUARTER, causes },
});
const suppressed = (slot: number): DomainEvent => ({
  type: 'AreaSuppressed',
  data: { ...ITEM, end: slot * QUARTER, because: 'too-few-read' },
});

function told(...items: readonly DomainEvent[]): readonly ToldFlow[] {
  const flows: ToldFlows = new Map();
  for (const item of items) takeItem(flows, item);
  return [...flows.values()];
}

describe('what was told of an area', () => {
  it('is the value told last, with the doubt that was told with it', () => {
    const flows = told(published(1, 500), doubted(1, 'less-than-the-feeder'), published(2, 600), revised(1, 550));
    expect(flows).toEqual([
      { end: QUARTER, netWh: 550, whole: true, causes: ['less-than-the-feeder'] },
      { end: 2 * QUARTER, netWh: 600, whole: true, causes: [] },
    ]);
  });

  it('is nothing where it was withheld, until late data lets it be told', () => {
    expect(told(suppressed(1))).toEqual([{ end: QUARTER, netWh: undefined, whole: false, causes: [] }]);
    expect(told(suppressed(1), revised(1, 70))).toEqual([{ end: QUARTER, netWh: 70, whole: true, causes: [] }]);
  });

  it('is whole where ninety-nine of a hundred values of homes are in it', () => {
    expect(told(published(1, 500, { ...WHOLE, measured: 98 }))[0]!.whole).toBe(false);
  });

  it('a doubt of what was never told is none', () => {
    expect(told(doubted(4, 'more-than-the-feeder'))).toEqual([]);
  });
});

describe('a doubt that lasts', () => {
  it('is the newest run, with all its causes, from its first interval on', () => {
    const flows = told(
      ...[1, 2, 3, 4, 5].map((slot) => published(slot, 500)),
      ...[doubted(1, 'more-than-the-feeder'), doubted(3, 'less-than-the-feeder')],
      doubted(4, 'less-than-the-feeder', 'outside-forecast-band'),
    );
    expect(lastingDoubt(flows)).toEqual({
      ...{ causes: ['less-than-the-feeder', 'outside-forecast-band'], first: 3 * QUARTER, last: 4 * QUARTER, intervals: 2 },
      ...{ goesOn: false, mayBeOlder: false },
    });
  });

  it('goes on over what could not be judged, and may be older than what is known', () => {
    const flows = told(
      published(1, 5),
      doubted(1, 'less-than-the-feeder'),
      suppressed(2),
      published(3, 5),
      doubted(3, 'less-than-the-feeder'),
    );
    expect(lastingDoubt([...flows, ...told(suppressed(4))])).toMatchObject({
      first: QUARTER,
      intervals: 2,
      goesOn: true,
      mayBeOlder: true,
    });
  });

  it('is none where everything adds up', () => {
    expect(lastingDoubt(told(published(1, 500), suppressed(2)))).toBeUndefined();
  });
});

describe('an account of heads and homes', () => {
  it('has in it only what can be compared, and counts the rest', () => {
    const flows = told(
      ...[published(1, 500), doubted(1, 'less-than-the-feeder'), published(2, 300), suppressed(3)],
      ...[published(4, 900, { ...WHOLE, measured: 50 }), published(5, -40)],
    );
    const heads = new Map([1, 3, 4, 5].map((slot) => [slot * QUARTER, slot === 5 ? -38 : 600]));
    expect(accountOf(flows, (end) => heads.get(end))).toEqual({ headWh: 562, homesWh: 460, compared: 2, leftOut: 3, doubted: 1 });
  });
});
