import type { BillStatement } from '../../events/index.ts';
import type { BindingWord } from './proven-binding.ts';
import type { BilledDay } from './proven-days.ts';

/** UTC s. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** Time that is charged and of which the bill counts nothing: a credit could be missing there, and nothing shows why. */
export function uncoveredTime({ spans = [], basis }: BillStatement, days: readonly BilledDay[]): readonly BindingWord[] {
  const { unread } = basis!;
  const read = days.map(({ state: { frame } }) => ({ from: frame.start, until: frame.end }));
  const named = unread.map(({ start, slots, minutes }) => ({ from: start, until: start + slots * minutes * 60 }));
  const covered = [...read, ...named].sort((a, b) => a.from - b.from);
  return [
    ...spans.flatMap((span) => gapsIn(span, covered)).map((gap) => ({ about: timeOf(gap), why: 'uncovered' as const })),
    ...unread.map(({ stream }) => ({ about: stream, why: 'unread' as const })),
  ];
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
