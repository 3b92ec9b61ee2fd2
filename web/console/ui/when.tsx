import { instantText } from '../dates.ts';

/** An instant by the clock of a place. @param at ISO 8601 */
export function When({ at, zone }: { at: string; zone: string }) {
  return (
    <time class="nowrap" dateTime={at}>
      {instantText(at, zone)}
    </time>
  );
}
