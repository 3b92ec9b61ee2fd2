import type { ForecastIssued } from './forecast.ts';

/**
 * Facts of stream `area/<id>`: what the operator was told of an area, and of stream `area/partition`: which areas there are. Each is an
 * item of a feed: numbered densely from 1, chained by hash, signed as it was handed out. Energy in Wh, instants of slots in UTC s, `at` in UTC ms.
 * @source X.1332 8.2, 9.4, 10.4
 */
export type AreaEvent =
  | { readonly type: 'AreaPartitioned'; readonly data: AreaPartitioned & FeedItem }
  | { readonly type: 'AreaDemandPublished'; readonly data: AreaDemandPublished & FeedItem }
  | { readonly type: 'AreaRevised'; readonly data: AreaRevised & FeedItem }
  | { readonly type: 'AreaSuppressed'; readonly data: AreaSuppressed & FeedItem }
  | { readonly type: 'AreaDoubted'; readonly data: AreaDoubted & FeedItem }
  | { readonly type: 'AreaForecastTold'; readonly data: AreaForecastTold & FeedItem };

/** Place in the feed and proof. */
export interface FeedItem {
  /** Dense from 1. */
  readonly seq: number;
  /** SHA-256 of the compact JWS before it, base64url; of the first, of 32 zero bytes. */
  readonly prevHash: string;
  /** SHA-256 of `jws`, base64url. */
  readonly hash: string;
  /** The item as it is handed out: compact JWS. What it says is all that leaves. */
  readonly jws: string;
  readonly at: number;
}

/** An area of the quarter. */
export interface PublishedArea {
  readonly area: string;
  /** Of the area tree, in order; several = merged. */
  readonly leaves: readonly string[];
  /** Of one value: the longest interval of its meters. */
  readonly intervalMinutes: number;
  /** Slots that one home may have in an interval of the area, of the homes there when the partition was made: more than 1 where meters of several intervals are in it. */
  readonly slotsPerHome: number;
  /** The homes that feed in passed the gate by themselves when the partition was made: import and export may be told apart. */
  readonly apart?: true;
}

/** Which leaves make which area, fixed for a quarter; in several parts where there are many. */
export interface AreaPartitioned {
  /** e.g. `2026-Q1`, UTC. */
  readonly quarter: string;
  /** From 1. */
  readonly part: number;
  readonly parts: number;
  readonly areas: readonly PublishedArea[];
  /** Leaves that even together are too few: nothing of them is published. */
  readonly withheld: readonly string[];
}

/** How complete an interval is, in homes' slots. Stays inside: the feed says bands. */
export interface Counts {
  /** Slots that homes of the area should have sent. */
  readonly expected: number;
  /** Slots whose value is in the sum. */
  readonly measured: number;
  /** Slots that came and failed validation: not in the sum. */
  readonly held: number;
  /** Slots whose export is in the sum. */
  readonly exporting: number;
}

/** Import and export, each for itself. */
export interface EnergyApart {
  readonly importWh: number;
  readonly exportWh: number;
}

/** What is told of one interval. */
export interface AreaDemand {
  readonly end: number;
  /** Exact: import less export. */
  readonly netWh: number;
  /** Only where those who feed in pass the gate by themselves; else neither can be had from anything that is kept or told. */
  readonly apart?: EnergyApart;
  readonly counts: Counts;
}

export interface AreaDemandPublished extends AreaDemand {
  readonly area: string;
  readonly intervalMinutes: number;
}

export interface AreaRevised extends AreaDemandPublished {
  /** 2 for the first revision of an interval that was told, 1 where it could not be told before. */
  readonly revision: number;
}

/** An interval that may not be told. */
export interface AreaSuppressed {
  readonly area: string;
  readonly end: number;
  readonly intervalMinutes: number;
  /** `below-gate`: homes have left since the partition was made, and too few are there. `too-few-read`: too few of them have sent. */
  readonly because: 'below-gate' | 'too-few-read';
}

export type DoubtCause =
  /** Outside the band of the forecast. */
  | 'outside-forecast-band'
  /** The feeder's head measured less than the homes behind it say they used. */
  | 'more-than-the-feeder'
  /** The feeder's head measured more than the homes behind it say, beyond losses. */
  | 'less-than-the-feeder';

/** A published interval that other measurements contradict. */
export interface AreaDoubted {
  readonly area: string;
  readonly end: number;
  readonly causes: readonly DoubtCause[];
}

/** A forecast as the operator was told it; what it was made with is in stream `forecast/<area>`. */
export type AreaForecastTold = Pick<
  ForecastIssued,
  'area' | 'issue' | 'day' | 'zone' | 'intervalMinutes' | 'start' | 'energyWh' | 'lowerWh' | 'upperWh'
>;
