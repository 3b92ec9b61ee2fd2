import { dateTime } from '../../shared/format.ts';

/** An instant by the clock of a place. @param at ISO 8601 */
export function When({ at, zone }: { at: string; zone: string }) {
  return (
    <time class="nowrap" dateTime={at}>
      {dateTime(at, { zone })}
    </time>
  );
}
