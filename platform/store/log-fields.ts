import type { LogFields } from '../ports/platform.ts';

const TEXT_FIELDS = ['code', 'queue', 'stream', 'reason', 'requestId'] as const;
const NUMBER_FIELDS = ['count', 'milliseconds'] as const;
/** Characters of a message or a text field. */
const LONGEST_TEXT = 200;

/** What may be written of the fields a caller hands over at run time: those named above, of their type, cut to length. */
export function writtenFields(fields: LogFields = {}): Record<string, string | number> {
  const written: Record<string, string | number> = {};
  for (const name of TEXT_FIELDS) {
    const value: unknown = fields[name];
    if (typeof value === 'string') written[name] = value.slice(0, LONGEST_TEXT);
  }
  for (const name of NUMBER_FIELDS) {
    const value: unknown = fields[name];
    if (typeof value === 'number') written[name] = value;
  }
  return written;
}

export function writtenMessage(message: string): string {
  return message.slice(0, LONGEST_TEXT);
}
