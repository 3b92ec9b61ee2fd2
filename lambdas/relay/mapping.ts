import type { Audience, CloudEvent } from '../../events/catalogue/entry.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { FeedRecord } from '../shared/feeds/feed-records.ts';

/** What a mapping may look at of the commit that a record tells of. */
export interface Commits {
  /** The stream from its first commit to the record's. */
  fromFirst(record: FeedRecord): Promise<readonly RecordedCommit[]>;
  /** The record's commit alone. */
  itself(record: FeedRecord): Promise<RecordedCommit>;
}

/** What one audience is told of the streams of one kind. */
export interface RelayMapping {
  readonly audience: Audience;
  /** Names of the streams begin so. */
  readonly streams: string;
  /** Whether commits are opened under keys of subjects: then the access is on record first. Most audiences are told where to look, no more. */
  readonly opensSubjects: boolean;
  /** In the order of the facts, in the newest version of each type. */
  told(record: FeedRecord, commits: Commits): Promise<readonly CloudEvent<unknown>[]>;
}

/** An event of a fact. @param at UTC ms */
export function factEvent<Data>(
  { stream, version }: { readonly stream: string; readonly version: number },
  { type, subject, at, data }: { readonly type: string; readonly subject: string; readonly at: number; readonly data: Data },
): CloudEvent<Data> {
  const source = `joulekeep/${stream.slice(0, stream.indexOf('/'))}`;
  const time = new Date(at).toISOString();
  return { specversion: '1.0', id: `${stream}/${version}`, source, type, subject, time, datacontenttype: 'application/json', data };
}
