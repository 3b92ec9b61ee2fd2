import { describe, expect, it } from 'vitest';
import { POISON_ASIDE, POISONED } from '../../bench/chaos/consumers.ts';
import type { Counted } from '../../bench/chaos/counting.ts';
import { broken } from '../../bench/chaos/outcome.ts';
import { FEEDS, LOG_FEED } from '../../topology/feeds.ts';

const SOUND: Counted = {
  ...{ offered: 10, accepted: 10, setAside: 0, lost: 0, twice: 0, energyMissing: 0, unsound: 0, agreed: 0, commits: 3 },
  recordedAt: new Map(),
  whole: new Set(),
};
const faultsOf = (aside: readonly string[]) => broken(SOUND, { dead: {}, aside, where: [] }, 0, { aside: POISON_ASIDE });
const [first] = POISON_ASIDE;

describe('the promise about poison', () => {
  it('holds where each feed that reads what is recorded has set aside the poison, whatever came first', () => {
    expect(faultsOf(POISON_ASIDE)).toEqual([]);
    expect(faultsOf(POISON_ASIDE.toReversed())).toEqual([]);
  });

  it('names a poison for every such feed, and none for the log', () => {
    const feeds = new Set(POISON_ASIDE.map((position) => position.split(' ')[0]));
    expect(feeds).toEqual(new Set(FEEDS.filter((feed) => feed !== LOG_FEED).map(({ name }) => name)));
    for (const stream of POISONED) expect(POISON_ASIDE.some((position) => position.includes(stream))).toBe(true);
  });

  it.each([
    ['another stream', 'relay bill/acc-1/up-1.2026-01-01 0'],
    ['a later commit of the poisoned stream', `${first!.slice(0, -1)}4`],
    ['the poison by the log', `log ${POISONED[0]} 0`],
    ['the same once more', first!],
  ])('is broken by what else is set aside: %s', (_, position) => {
    expect(faultsOf([...POISON_ASIDE, position])).toEqual([`positions set aside: ${position}`]);
  });

  it('is broken where the poison was not set aside, by whichever feed, and by anything aside where nothing may be', () => {
    for (const missing of POISON_ASIDE)
      expect(faultsOf(POISON_ASIDE.filter((position) => position !== missing))).toEqual([`not set aside: ${missing}`]);
    expect(broken(SOUND, { dead: {}, aside: [first!], where: [] }, 0, {})).toEqual([`positions set aside: ${first}`]);
  });
});
