import { JoulekeepError } from '../../events/errors.ts';
import type { StoredCommit } from './commit.ts';
import type { CommitFault, StreamReport, VerifyOptions } from './report.ts';
import { parseTrim, type StoredAnchor } from './trim-record.ts';
import { Walk } from './walk.ts';

/** What the verifier walks: a store without its keys. */
export interface CommitSource {
  /** Stored commits in version order, whatever state they are in, from archives as well. @throws ERR_ARCHIVE_DAMAGED */
  stored(stream: string, fromVersion?: number): AsyncIterable<StoredCommit> | Iterable<StoredCommit>;
  streams(prefix: string): AsyncIterable<string>;
  /** Where the hot part of a stream is said to begin. */
  anchor(stream: string): StoredAnchor | undefined | Promise<StoredAnchor | undefined>;
}

/** Walks one stream, recomputes its chain and names the first bad commit. Never throws on content. */
export async function verifyStream(source: CommitSource, stream: string, options: VerifyOptions): Promise<StreamReport> {
  const anchor = await source.anchor(stream);
  if (anchor === undefined) return await walkStream(source, stream, options);
  const why = parseTrim(anchor.trim.payload)?.why;
  if (why === undefined || !(await options.isSigned(anchor))) return faultAt(anchor, anchor.head.version, 'unsigned');
  const trimmed = { why, to: anchor.head.version };
  try {
    if (why === 'archive') return { ...(await walkStream(source, stream, { known: anchor.head, ...options })), trimmed };
    const after = options.after ?? anchor.head;
    return { ...(await walkStream(source, stream, { ...options, after })), trimmed };
  } catch (error) {
    if (!(error instanceof JoulekeepError) || error.code !== 'ERR_ARCHIVE_DAMAGED') throw error;
    return { ...faultAt(anchor, 0, 'altered'), trimmed };
  }
}

async function walkStream(source: CommitSource, stream: string, options: VerifyOptions): Promise<StreamReport> {
  const walk = new Walk(stream, options);
  for await (const stored of source.stored(stream, (options.after?.version ?? -1) + 1)) {
    if (!(await walk.step(stored))) break;
  }
  return walk.finish();
}

/** Nothing of the stream can be vouched for. */
function faultAt({ head }: StoredAnchor, version: number, fault: CommitFault): StreamReport {
  return { stream: head.stream, commits: 0, events: 0, erased: 0, head, bad: { stream: head.stream, version, fault } };
}

/** Commits lie in the order of arrival: streams that are walked together find them in pages that were just read. */
const WALKED_AT_ONCE = 64;

/** Walks every stream with the prefix, many side by side. A stream that is gone altogether is missed by the log alone. @returns reports in the order of names */
export async function* verifyStreams(
  source: CommitSource,
  prefix: string,
  options: VerifyOptions,
): AsyncGenerator<StreamReport, void, void> {
  const walks: Promise<StreamReport>[] = [];
  try {
    for await (const stream of source.streams(prefix)) {
      const walk = verifyStream(source, stream, options);
      // Its failure is told when its turn comes.
      walk.catch(() => {});
      walks.push(walk);
      if (walks.length === WALKED_AT_ONCE) yield await walks.shift()!;
    }
    while (walks.length > 0) yield await walks.shift()!;
  } finally {
    // Whoever stops early closes the store next.
    await Promise.allSettled(walks);
  }
}
