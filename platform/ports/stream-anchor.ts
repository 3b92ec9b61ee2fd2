import { JoulekeepError } from '../../events/errors.ts';
import type { StreamHead } from './event-store.ts';

/**
 * Where the hot part of a stream begins: everything up to and with `head` was taken out of it behind a signature. `checkpoint`: it
 * is deleted, and `body` is what it added up to. `archive`: it lies in the object `body`, still sealed and chained, and is
 * read from there.
 */
export interface StreamAnchor {
  readonly why: 'checkpoint' | 'archive';
  /** Of the last commit that was taken out. */
  readonly head: StreamHead;
  /** SHA-256 of the object, its key in the object store. */
  readonly body: Buffer;
  /** UTC ms. */
  readonly at: number;
}

/** Somebody reads from where nothing is kept any more. Carries the first version there is. */
export class StreamTrimmed extends JoulekeepError {
  readonly keptFrom: number;

  constructor(stream: string, keptFrom: number) {
    super('ERR_STREAM_TRIMMED', `${stream}: is kept from version ${keptFrom} on only`);
    this.keptFrom = keptFrom;
  }
}

/** Object of an archive. */
export function archiveObject(body: Buffer): string {
  return `archive/${body.toString('hex')}`;
}
