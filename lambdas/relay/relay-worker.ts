import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { CATALOGUE } from '../../events/catalogue/catalogue.ts';
import type { Audience, CatalogueEntry, CloudEvent } from '../../events/catalogue/entry.ts';
import { inVersions } from '../../events/catalogue/versions.ts';
import { EventsUnpublished, eventKey } from '../../platform/ports/events-unpublished.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { openDays } from '../shared/days/day-streams.ts';
import { byStream, type FeedRecord, failures, feedRecords } from '../shared/feeds/feed-records.ts';
import type { Commits, RelayMapping } from './mapping.ts';
import { mappingsOf } from './mappings.ts';
import { RecordCommits } from './record-commits.ts';

interface Due {
  readonly record: FeedRecord;
  readonly audience: Audience;
  readonly event: CloudEvent<unknown>;
}

/**
 * Facts into integration events, in the order of the feed for each subject of each audience; those of different ones go side by
 * side, in one call of the bus. Where one keeps failing, nothing of what comes behind is begun, and what went beside it is not
 * sent again when the feed goes back.
 */
export class RelayWorker {
  readonly #platform: Platform;
  readonly #catalogue: readonly CatalogueEntry[];
  readonly #mappingsOf: (stream: string) => readonly RelayMapping[];
  /** Keys of events sent behind a record that the feed will bring again. */
  readonly #sent = new Set<string>();

  /** @param catalogue what may leave; another one is for tests, and so are other mappings */
  constructor(platform: Platform, catalogue: readonly CatalogueEntry[] = CATALOGUE, mappings = mappingsOf) {
    this.#platform = platform;
    this.#catalogue = catalogue;
    this.#mappingsOf = mappings;
  }

  async take(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
    const records = feedRecords(event).filter(({ stream }) => this.#mappingsOf(stream).length > 0);
    const commits = new RecordCommits(this.#platform, await this.#access(records), records);
    const failed = new Map<FeedRecord, unknown>();
    const due: Due[] = [];
    for (const record of records) {
      try {
        due.push(...(await this.#dueOf(record, commits)));
      } catch (fault) {
        failed.set(record, fault);
        break;
      }
    }
    for (const [i, wave] of inWaves(due).entries()) {
      const lost = await this.#sendAll(wave);
      if (lost !== undefined) return failures(this.#platform.log, lost, i > 0);
    }
    return failures(this.#platform.log, failed, due.length > 0);
  }

  /** By the rows and not by the records: before a day was sealed again it was somebody else's, until that key is destroyed. */
  async #access(records: readonly FeedRecord[]): Promise<SubjectAccess | undefined> {
    const opened = [...byStream(records).keys()].filter((stream) => this.#mappingsOf(stream).some(({ opensSubjects }) => opensSubjects));
    if (opened.length === 0) return undefined;
    return await openDays(
      this.#platform,
      'billing',
      opened.map((stream) => ({ stream })),
    );
  }

  /** Nothing of a record leaves before all of it is known to be sayable. */
  async #dueOf(record: FeedRecord, commits: Commits): Promise<readonly Due[]> {
    const due: Due[] = [];
    for (const { audience, told } of this.#mappingsOf(record.stream))
      for (const event of await told(record, commits))
        for (const version of inVersions(event, this.#catalogue)) due.push({ record, audience, event: version });
    return due;
  }

  /** @returns the first record that failed, if one did */
  async #sendAll(wave: readonly Due[]): Promise<ReadonlyMap<FeedRecord, unknown> | undefined> {
    const unsent = wave.filter(({ event }) => !this.#sent.delete(eventKey(event)));
    if (unsent.length === 0) return undefined;
    const failed = await this.#unpublished(unsent.map(({ event }) => event));
    const first = unsent.findIndex(({ event }) => failed.has(eventKey(event)));
    if (first < 0) return undefined;
    const { record, event } = unsent[first]!;
    // Of the record that failed, too: what else it tells has arrived.
    for (const { record: of, event: told } of unsent)
      if (!failed.has(eventKey(told)) && comesAgain(of, record)) this.#sent.add(eventKey(told));
    return new Map([[record, failed.get(eventKey(event))]]);
  }

  /** @returns what kept which of them, by `eventKey` */
  async #unpublished(events: readonly CloudEvent<unknown>[]): Promise<ReadonlyMap<string, unknown>> {
    try {
      await this.#platform.bus.publish(events);
      return new Map();
    } catch (error) {
      return error instanceof EventsUnpublished ? error.failed : new Map(events.map((event) => [eventKey(event), error]));
    }
  }
}

/** Whether a record comes again when the feed goes back to another. */
function comesAgain({ sequence }: FeedRecord, failed: FeedRecord): boolean {
  return sequence.length === failed.sequence.length ? sequence >= failed.sequence : sequence.length > failed.sequence.length;
}

/** Stretches in which no subject of an audience has two facts, in order; a fact in two versions is one. */
function inWaves(due: readonly Due[]): Due[][] {
  const waves: Due[][] = [];
  let facts = new Map<string, string>();
  for (const one of due) {
    const subject = `${one.audience} ${one.event.subject}`;
    if (waves.length === 0 || (facts.get(subject) ?? one.event.id) !== one.event.id) {
      waves.push([]);
      facts = new Map();
    }
    facts.set(subject, one.event.id);
    waves.at(-1)!.push(one);
  }
  return waves;
}
