import { type TenancyCut, UTILITY } from '../../events/index.ts';

/** A stretch of time that is one subject's, UTC ms; `until` is the first instant after it. */
export interface SubjectSpan {
  readonly subject: string;
  readonly from: number;
  readonly until: number;
}

/** Whose an instant is. @param cuts rising @param instant UTC ms */
export function subjectAt(cuts: readonly TenancyCut[], instant: number): string {
  return cuts.findLast(({ from }) => from <= instant)?.subject ?? UTILITY;
}

/** The parts into which cuts divide a stretch of time, at least one, each another subject's than the one before. UTC ms. */
export function partsBetween(cuts: readonly TenancyCut[], from: number, until: number): SubjectSpan[] {
  const parts: SubjectSpan[] = [];
  let open = { subject: subjectAt(cuts, from), from };
  for (const cut of cuts) {
    if (cut.from <= from || cut.from >= until || cut.subject === open.subject) continue;
    parts.push({ ...open, until: cut.from });
    open = { subject: cut.subject, from: cut.from };
  }
  return [...parts, { ...open, until }];
}

/**
 * The one rule that divides a meter's day: parts are another subject's than the one before, or counts are worth something else.
 * @param changes instants at which a count begins to be worth something else, rising, UTC ms
 */
export function dividedBetween(cuts: readonly TenancyCut[], changes: readonly number[], from: number, until: number): SubjectSpan[] {
  const parts = partsBetween(cuts, from, until);
  if (!changes.some((at) => at > from && at < until)) return parts;
  return parts.flatMap((part) => {
    const bounds = [part.from, ...changes.filter((at) => at > part.from && at < part.until), part.until];
    return bounds.slice(1).map((end, i) => ({ subject: part.subject, from: bounds[i]!, until: end }));
  });
}

/** Cuts as they stand after a correction: those before `since` stay, those from it on are replaced. None says what the one before said. */
export function corrected(cuts: readonly TenancyCut[], since: number, replaced: readonly TenancyCut[]): TenancyCut[] {
  const all = [...cuts.filter(({ from }) => from < since), ...replaced];
  return all.filter(({ subject }, i) => subject !== (all[i - 1]?.subject ?? UTILITY));
}

/** Stretches of a subject up to `until`, UTC ms. */
export function spansOf(cuts: readonly TenancyCut[], subject: string, until: number): SubjectSpan[] {
  return partsBetween(cuts, Number.MIN_SAFE_INTEGER, until).filter((span) => span.subject === subject);
}

/** Stretches that were one subject's and are now another's: what a change of the cuts moves. `subject` is the former one. */
export function movedSpans(before: readonly TenancyCut[], after: readonly TenancyCut[], from: number, until: number): SubjectSpan[] {
  if (from >= until) return [];
  return partsBetween(before, from, until).flatMap((held) =>
    partsBetween(after, held.from, held.until)
      .filter(({ subject }) => subject !== held.subject)
      .map((span) => ({ ...span, subject: held.subject })),
  );
}
