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

/** Walks every stream with the prefix. A stream that is gone altogether is missed by the log alone. */
export async function* verifyStreams(
  source: CommitSource,
  prefix: string,
  options: VerifyOptions,
): AsyncGenerator<StreamReport, void, void> {
  for await (const stream of source.streams(prefix)) yield await verifyStream(source, stream, options);
}
