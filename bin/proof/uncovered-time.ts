import type { Installation } from '../../domain/usagepoint/usagepoint-state.ts';
import type { BillStatement } from '../../events/index.ts';
import type { BindingWord } from './proven-binding.ts';
import type { BilledDay } from './proven-days.ts';
import type { UnreadPart } from './unread-days.ts';

/** UTC s. */
interface Span {
  readonly from: number;
  readonly until: number;
}

interface Covered extends Span {
  readonly meterId: string;
}

/**
 * Time that is charged and of which the bill counts nothing, at all or of one of the meters that hung there: a credit could be missing there, and
 * nothing shows why. @param hung what the usage point says, by whichever of its statements
 */
export function uncoveredTime(
  { spans = [] }: BillStatement,
  days: readonly BilledDay[],
  unread: readonly UnreadPart[],
  hung: readonly Installation[],
): readonly BindingWord[] {
  const read = days.map(({ state: { frame } }) => ({ meterId: frame.meterId, from: frame.start, until: frame.end }));
  const named = unread.map(({ meterId, start, end }) => ({ meterId, from: start, until: end }));
  const covered = [...read, ...named].sort((a, b) => a.from - b.from);
  const gaps = spans.flatMap((span) => gapsIn(span, covered));
  return [
    ...gaps.map((gap) => ({ about: timeOf(gap), why: 'uncovered' as const })),
    ...ofMeters(spans, covered, hung, gaps).map((about) => ({ about, why: 'uncovered' as const })),
    ...unread.map(({ stream }) => ({ about: stream, why: 'unread' as const })),
  ];
}

/** Beside the time of which there is nothing at all. */
function ofMeters(spans: readonly Span[], covered: readonly Covered[], hung: readonly Installation[], known: readonly Span[]) {
  const gaps = hung.flatMap(({ meterId, from, until = Infinity }) => {
    const own = covered.filter((one) => one.meterId === meterId);
    const there = spans.map((span) => ({ from: Math.max(span.from, from / 1000), until: Math.min(span.until, until / 1000) }));
    const all = there.filter((span) => span.from < span.until).flatMap((span) => gapsIn(span, own));
    const beside = all.filter((gap) => !known.some((one) => one.from <= gap.from && gap.until <= one.until));
    return beside.map((gap) => `meter ${meterId}, ${timeOf(gap)},`);
  });
  return [...new Set(gaps)];
}

/** @param covered rising by their begin */
function gapsIn({ from, until }: Span, covered: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let at = from;
  for (const one of covered) {
    if (one.from > at && at < until) gaps.push({ from: at, until: Math.min(one.from, until) });
    at = Math.max(at, one.until);
  }
  return at < until ? [...gaps, { from: at, until }] : gaps;
}

function timeOf({ from, until }: Span): string {
  return `${new Date(from * 1000).toISOString()} to ${new Date(until * 1000).toISOString()}`;
}
