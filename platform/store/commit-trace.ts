import { JoulekeepError } from '../../events/errors.ts';
import type { CommitTrace } from '../ports/event-store.ts';
import type { Archives } from './archives.ts';
import { chainHash, type StoredCommit } from './commit.ts';
import { HASH_BYTES, parseEnvelope } from './envelope.ts';

/** What can be said of a commit that can't be read. */
const UNREADABLE = { count: 1, recordedAt: 0, fault: 'altered' } as const;

/** What lies in the place of a commit, by its bytes. Never throws on content. */
export async function traceAt(archives: Archives, stream: string, version: number): Promise<CommitTrace | undefined> {
  try {
    const stored = await archives.at(stream, version);
    return stored && traceOf(stored);
  } catch (error) {
    if (isDamage(error)) return { version, hash: Buffer.alloc(HASH_BYTES), ...UNREADABLE };
    throw error;
  }
}

function traceOf(stored: StoredCommit): CommitTrace {
  const { stream, version } = stored;
  const hash = chainHash(stored);
  try {
    const { count, recordedAt, ...named } = parseEnvelope(stored.envelope);
    const trace = { version, count, recordedAt, hash };
    if (named.stream !== stream || named.version !== version) return { ...trace, fault: 'misplaced' };
    return stored.hash === undefined || stored.hash.equals(hash) ? trace : { ...trace, fault: 'altered' };
  } catch (error) {
    if (isDamage(error)) return { version, hash, ...UNREADABLE };
    throw error;
  }
}

/** Of a commit, of its body that lies apart, or of the archive it lies in. */
function isDamage(error: unknown): boolean {
  return error instanceof JoulekeepError && (error.code === 'ERR_COMMIT_DAMAGED' || error.code === 'ERR_ARCHIVE_DAMAGED');
}
