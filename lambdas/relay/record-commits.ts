import { JoulekeepError } from '../../events/errors.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { byStream, type FeedRecord } from '../shared/feeds/feed-records.ts';
import type { Commits } from './mapping.ts';

/** Commits of the streams of one batch, each stream read once. */
export class RecordCommits implements Commits {
  readonly #platform: Platform;
  readonly #access: SubjectAccess | undefined;
  readonly #last: ReadonlyMap<string, number>;
  readonly #first: ReadonlyMap<string, number>;
  readonly #read = new Map<string, readonly RecordedCommit[]>();

  constructor(platform: Platform, access: SubjectAccess | undefined, records: readonly FeedRecord[]) {
    this.#platform = platform;
    this.#access = access;
    const streams = [...byStream(records)];
    this.#last = new Map(streams.map(([stream, of]) => [stream, of.at(-1)!.version]));
    this.#first = new Map(streams.map(([stream, of]) => [stream, Math.min(...of.map(({ version }) => version))]));
  }

  async fromFirst({ stream, version }: FeedRecord): Promise<readonly RecordedCommit[]> {
    const commits = await this.#from(stream, 0);
    return commits.filter((commit) => commit.version <= version);
  }

  async itself({ stream, version }: FeedRecord): Promise<RecordedCommit> {
    const found = (await this.#from(stream, this.#first.get(stream)!)).find((commit) => commit.version === version);
    if (found === undefined) throw new JoulekeepError('ERR_COMMIT_ABSENT', `${stream} has no commit ${version} yet`, { retryable: true });
    return found;
  }

  async #from(stream: string, version: number): Promise<readonly RecordedCommit[]> {
    const key = `${stream} ${version}`;
    const commits = this.#read.get(key) ?? (await this.#fetch(stream, version));
    this.#read.set(key, commits);
    return commits;
  }

  async #fetch(stream: string, from: number): Promise<readonly RecordedCommit[]> {
    const commits: RecordedCommit[] = [];
    for await (const commit of this.#platform.events.read(stream, from, this.#access)) {
      commits.push(commit);
      // What lies behind may have become somebody else's since the access was asked for.
      if (commit.version >= this.#last.get(stream)!) break;
    }
    return commits;
  }
}
