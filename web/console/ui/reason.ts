import type { Day } from '../../../api/days.ts';
import { wordOf } from '../text.ts';

/** Why somebody acted, with their note where they left one. */
export function reasonText({ reason, note }: Pick<Day['edits'][number], 'reason' | 'note'>): string {
  const words = wordOf('reason', reason);
  return note === '' ? words : `${words}: ${note}`;
}
