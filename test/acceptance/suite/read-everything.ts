import { openSubjectData } from '../../../lambdas/shared/access/subject-data.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { subjectOfRow } from '../../../platform/ports/subject-rows.ts';

/** How many commits each kind of stream has. */
export type Commits = ReadonlyMap<string, number>;

/**
 * Reads every stream from its beginning to its head, opening all of it: each commit must open under its key and continue the hash
 * chain of the one before. @returns commits by the first part of the stream's name @throws ERR_COMMIT_DAMAGED
 */
export async function readEverything({ events, ...platform }: Platform): Promise<Commits> {
  const subjects = new Set<string>();
  const streams: string[] = [];
  for await (const stream of events.streams('')) {
    streams.push(stream);
    for (const row of await events.rowsOf(stream)) {
      const subject = subjectOfRow(row)?.subject;
      if (subject !== undefined) subjects.add(subject);
    }
  }
  const access = await openSubjectData({ events, ...platform }, { purpose: 'audit', from: 0, until: 4e12, subjects });
  const counts = new Map<string, number>();
  for (const stream of streams) {
    const kind = stream.split('/')[0]!;
    for await (const { head } of events.read(stream, 0, access)) {
      if (head.stream !== stream) throw new Error(`${stream} holds a commit of ${head.stream}`);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  return counts;
}
