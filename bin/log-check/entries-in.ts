import { type LogEntry, parseEntries } from '../../protocol/log/entry.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';

/** @returns undefined where these are no entries */
export function entriesIn(bytes: Buffer): readonly LogEntry[] | undefined {
  try {
    return parseEntries(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolRefusal)) throw error;
    return undefined;
  }
}
