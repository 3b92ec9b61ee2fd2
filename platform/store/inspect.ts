import { JoulekeepError } from '../../events/errors.ts';
import { chainHash, type StoredCommit } from './commit.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';

/** A commit on its own, by its bytes: nothing of it is opened. */
export interface Inspected {
  /** SHA-256 over envelope, ciphertext and tag, recomputed. */
  readonly hash: Buffer;
  /** Absent where it can't be read. */
  readonly envelope?: Envelope;
  /** `altered`: it can't be read, or the store noted another hash. `misplaced`: it was recorded under another version or stream. */
  readonly fault?: 'altered' | 'misplaced';
}

/** What is wrong with a commit whatever lies around it. Never throws on content. */
export function inspect(stored: StoredCommit): Inspected {
  const hash = chainHash(stored);
  const envelope = envelopeOrNothing(stored);
  if (envelope === undefined) return { hash, fault: 'altered' };
  if (envelope.stream !== stored.stream || envelope.version !== stored.version) return { hash, envelope, fault: 'misplaced' };

  return stored.hash === undefined || stored.hash.equals(hash) ? { hash, envelope } : { hash, envelope, fault: 'altered' };
}

function envelopeOrNothing({ envelope }: StoredCommit): Envelope | undefined {
  try {
    return parseEnvelope(envelope);
  } catch (error) {
    if (error instanceof JoulekeepError && error.code === 'ERR_COMMIT_DAMAGED') return undefined;
    throw error;
  }
}
