import type { AuditEntry } from './audit-export.ts';

/** Accesses that follow each other and differ in nothing but what was opened; at least one, in the order of the record. */
export type AlikeRun = readonly [AuditEntry, ...AuditEntry[]];

const MINUTE_MS = 60_000;

/** Accesses as they follow each other, those that are alike together; one behind the other they are the accesses again. */
export function alikeRuns(entries: readonly AuditEntry[]): readonly AlikeRun[] {
  const runs: [AuditEntry, ...AuditEntry[]][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    if (run !== undefined && isAlike(run[0], entry)) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** By the same person and function, for the same purpose, in one stream, within the same minute. */
function isAlike(one: AuditEntry, other: AuditEntry): boolean {
  const { person, principal, purpose, stream } = one;
  const isSameWork = person === other.person && principal === other.principal && purpose === other.purpose && stream === other.stream;
  return isSameWork && minuteOf(one) === minuteOf(other);
}

function minuteOf({ at }: AuditEntry): number {
  return Math.floor(Date.parse(at) / MINUTE_MS);
}

/** What a run of several comes to. */
export interface RunExtent {
  /** Subjects of a single access, fewest and most: which of them are the same nobody sees here. */
  readonly subjects: readonly [number, number];
  /** Within this lies the time of all that was opened, ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** First and last in their stream. */
  readonly versions: readonly [number, number];
  /** Of the last, which pins those before it. */
  readonly hash: string;
}

export function extentOf(run: AlikeRun): RunExtent {
  const subjects = run.map((entry) => entry.subjects);
  const last = run.at(-1) ?? run[0];
  return {
    subjects: [Math.min(...subjects), Math.max(...subjects)],
    from: run.reduce((least, { from }) => (Date.parse(from) < Date.parse(least) ? from : least), run[0].from),
    until: run.reduce((most, { until }) => (Date.parse(until) > Date.parse(most) ? until : most), run[0].until),
    versions: [run[0].version, last.version],
    hash: last.hash,
  };
}

/** By what a run is known while more of the record is read: it grows at its end alone. */
export function keyOf([{ stream, version }]: AlikeRun): string {
  return `${stream} ${version}`;
}
