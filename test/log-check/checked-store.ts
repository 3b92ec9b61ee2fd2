import { makeLog } from '../../lambdas/log/handler.ts';
import { pendingPlace } from '../../lambdas/log/places.ts';
import { CHECK_LIMITS, type CheckLimits, type CheckOutcome, checkRun } from '../../lambdas/log-check/check-run.ts';
import { makeLogCheck } from '../../lambdas/log-check/handler.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { chainHash, type StoredCommit } from '../../platform/store/commit.ts';
import { encodeEnvelope, parseEnvelope } from '../../platform/store/envelope.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import type { Principal } from '../../topology/principals.ts';
import { commitOf } from '../contract/support/events.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { lambdaContext } from '../support/sqs.ts';

/** A commit with the hash that the store notes beside it. */
export type Row = StoredCommit & { readonly hash: Buffer };

/** A platform, and its table of events as somebody sees it who gets at it behind the service's back. */
export interface Tampered {
  as(principal: Principal): Platform;
  pass(ms: number): void;
  /** What lies there of streams that begin so, in their order; what retention emptied is not. */
  rows(prefix: string): Promise<readonly Row[]>;
  /** Puts it over whatever lies there. */
  put(row: Row): Promise<void>;
  remove(stream: string, version: number): Promise<void>;
  /** Says that a stream begins behind this commit, and signs with something. */
  forgeAnchor(row: Row): Promise<void>;
  close(): Promise<void>;
}

const HOUR = 3_600_000;
export const STREAMS = ['relay/a', 'relay/b', 'relay/c'] as const;
export const [STREAM, OTHER] = STREAMS;

/** What is done to a store and its log, and what the check says of it. */
export class CheckedStore {
  readonly on: Tampered;
  #told = 0;

  constructor(on: Tampered) {
    this.on = on;
  }

  /** So many more commits to each stream, of one event and of two in turn, with their places in the log. */
  async grow(commits: number, streams: readonly string[] = STREAMS): Promise<void> {
    const { events } = this.on.as('ingest');
    for (const stream of streams) {
      let head = await events.head(stream);
      const waiting: Promise<unknown>[] = [];
      for (let i = 0; i < commits; i++) {
        const appended = events.append(head, commitOf(`${stream} ${head.version} ${this.#told}`, 1 + (i % 2)));
        head = appended.head;
        waiting.push(appended.durable);
      }
      await Promise.all(waiting);
    }
    await this.tell();
  }

  /** The log hears of everything that lies there; what has its place already is told again. */
  async tell(): Promise<void> {
    const rows = (await this.on.rows('')).toSorted((a, b) => a.version - b.version);
    const place = String(++this.#told);
    await this.on.as('log').objects.put(pendingPlace(place, place), Buffer.concat(rows.map(encodeEntry)));
    await this.log();
  }

  async log(): Promise<void> {
    this.on.pass(60_000);
    await makeLog(this.on.as('log'), defencesUnderTest())({} as never, lambdaContext('log'));
  }

  /** An hour later. @returns what it finds, a line each */
  async check(limits: Partial<CheckLimits> = {}): Promise<readonly string[]> {
    return (await this.outcome(limits)).findings.map(({ stream = 'log', says }) => `${stream}  ${says}`);
  }

  async outcome(limits: Partial<CheckLimits> = {}): Promise<CheckOutcome> {
    this.on.pass(HOUR);
    return await checkRun(this.on.as('log-check'), { ...CHECK_LIMITS, ...limits });
  }

  /** The function itself. @returns what it logs of errors */
  async run(): Promise<readonly string[]> {
    this.on.pass(HOUR);
    const said: string[] = [];
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (_message: string, fields?: object) => void said.push(JSON.stringify(fields)),
    };
    await makeLogCheck({ ...this.on.as('log-check'), log }, defencesUnderTest())({} as never, lambdaContext('log-check'));
    return said;
  }

  async row(stream: string, version: number): Promise<Row> {
    return (await this.on.rows(stream)).find((row) => row.version === version)!;
  }

  async removeFrom(stream: string, version: number): Promise<void> {
    for (const row of await this.on.rows(stream)) if (row.version >= version) await this.on.remove(stream, row.version);
  }

  /** Another content, and everything behind it made to fit: no chain shows it. */
  async remakeFrom(stream: string, version: number): Promise<void> {
    let prev: Buffer | undefined;
    for (const row of (await this.on.rows(stream)).filter((one) => one.version >= version)) {
      const envelope = prev === undefined ? row.envelope : encodeEnvelope({ ...parseEnvelope(row.envelope), prev });
      const body = row.version === version ? Buffer.from(row.body).fill(7, 0, 4) : row.body;
      prev = chainHash({ ...row, envelope, body });
      await this.on.put({ ...row, envelope, body, hash: prev });
    }
  }
}
