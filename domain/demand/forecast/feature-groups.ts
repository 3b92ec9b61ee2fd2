/** What a forecast is made of, in the words of whoever asks why. */
export const FEATURE_GROUPS = [
  'usual-week',
  'same-time',
  'last-day',
  'latest-change',
  'weekday',
  'holiday',
  'season',
  'model-mean',
] as const;

export type FeatureGroup = (typeof FEATURE_GROUPS)[number];

/** Collects the columns of one slot, each with its group. The same calls in the same order make the same columns. */
export interface ColumnSink {
  add(group: FeatureGroup, value: number): void;
}
