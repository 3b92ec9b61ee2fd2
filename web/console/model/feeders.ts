import type { FeedersView } from '../../../api/feeders.ts';

export type FeederArea = FeedersView['areas'][number];
export type FeederDay = FeederArea['days'][number];
export type FeederLimits = FeedersView['limits'];

/** What goes in at the heads beside what arrives at homes. */
export interface Losses {
  readonly headWh: number;
  readonly homesWh: number;
  /** Head minus homes, Wh. */
  readonly lostWh: number;
  /** Of what the heads measured, 0.04 = 4 %; undefined where that is nothing. */
  readonly share: number | undefined;
}

/** Of these days together; undefined where nothing could be compared. */
export function lossesOf(days: readonly Pick<FeederDay, 'headWh' | 'homesWh' | 'compared'>[]): Losses | undefined {
  const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + of(day), 0);
  if (sum(({ compared }) => compared) === 0) return undefined;
  const [headWh, homesWh] = [sum((day) => day.headWh), sum((day) => day.homesWh)];
  const lostWh = headWh - homesWh;
  return { headWh, homesWh, lostWh, share: headWh === 0 ? undefined : lostWh / Math.abs(headWh) };
}

/** More than may be lost, or than meters may be wrong by. @param limits thousandths */
export function isBeyond(share: number, { above, below }: FeederLimits): boolean {
  return share * 1_000 > below || share * 1_000 < -above;
}

const STATES = ['doubted', 'over', 'headless', 'silent', 'fine'] as const;
export type FeederState = (typeof STATES)[number];

/** How an area stands: what is doubted now comes before what was. */
export function feederState({ doubt, withoutHead, days }: Pick<FeederArea, 'doubt' | 'withoutHead' | 'days'>): FeederState {
  if (doubt !== null) return doubt.goesOn ? 'doubted' : 'over';
  if (withoutHead.length > 0) return 'headless';
  return lossesOf(days) === undefined ? 'silent' : 'fine';
}

/** What is unusual on top, then by name. */
export function unusualFirst(areas: readonly FeederArea[]): readonly FeederArea[] {
  const rank = new Map(areas.map((area) => [area, STATES.indexOf(feederState(area))]));
  return [...areas].sort((a, b) => rank.get(a)! - rank.get(b)! || (a.area < b.area ? -1 : 1));
}
