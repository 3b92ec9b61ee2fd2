import type { StreamHead } from '../ports/event-store.ts';
import type { StoredCommit } from './commit.ts';
import type { StreamReport, VerifyOptions } from './report.ts';
import { Walk } from './walk.ts';

/** What the verifier walks: a store without its keys. */
export interface CommitSource {
  /** Stored commits in version order, whatever state they are in. */
  stored(stream: string, fromVersion?: number): AsyncIterable<StoredCommit> | Iterable<StoredCommit>;
  streams(prefix: string): AsyncIterable<string>;
}

/** Walks one stream, recomputes its chain and names the first bad commit. Never throws on content. */
export async function verifyStream(source: CommitSource, stream: string, options: VerifyOptions): Promise<StreamReport> {
  const walk = new Walk(stream, options);
  for await (const stored of source.stored(stream, (options.after?.version ?? -1) + 1)) {
    if (!(await walk.step(stored))) break;
  }
  return walk.finish();
}

/** Walks every stream with the prefix, and every stream that a known head names. */
export async function* verifyStreams(
  source: CommitSource,
  prefix: string,
  options: Omit<VerifyOptions, 'known' | 'after'> & { readonly heads?: readonly StreamHead[] },
): AsyncGenerator<StreamReport, void, void> {
  const known = new Map((options.heads ?? []).filter(({ stream }) => stream.startsWith(prefix)).map((head) => [head.stream, head]));
  for await (const stream of source.streams(prefix)) {
    const head = known.get(stream);
    known.delete(stream);
    yield await verifyStream(source, stream, head ? { ...options, known: head } : options);
  }
  for (const head of known.values()) yield await verifyStream(source, head.stream, { ...options, known: head });
}
