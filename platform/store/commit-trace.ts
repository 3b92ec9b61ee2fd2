import { JoulekeepError } from '../../events/errors.ts';
import type { CommitTrace } from '../ports/event-store.ts';
import type { Archives } from './archives.ts';
import type { StoredCommit } from './commit.ts';
import { HASH_BYTES } from './envelope.ts';
import { inspect } from './inspect.ts';

/** What can be said of a commit that can't be read. */
const UNREADABLE = { count: 1, recordedAt: 0 };

/** What lies in the place of a commit, by its bytes. Never throws on content. */
export async function traceAt(archives: Archives, stream: string, version: number): Promise<CommitTrace | undefined> {
  try {
    const stored = await archives.at(stream, version);
    return stored && traceOf(stored);
  } catch (error) {
    if (isDamage(error)) return { version, ...UNREADABLE, hash: Buffer.alloc(HASH_BYTES), fault: 'altered' };
    throw error;
  }
}

function traceOf(stored: StoredCommit): CommitTrace {
  const { hash, envelope, fault } = inspect(stored);
  const { count, recordedAt } = envelope ?? UNREADABLE;
  return { version: stored.version, count, recordedAt, hash, ...(fault && { fault }) };
}

/** Of a body that lies apart, or of the archive the commit lies in. */
function isDamage(error: unknown): boolean {
  return error instanceof JoulekeepError && (error.code === 'ERR_COMMIT_DAMAGED' || error.code === 'ERR_ARCHIVE_DAMAGED');
}
