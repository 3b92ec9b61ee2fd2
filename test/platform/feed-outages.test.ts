import { join } from 'node:path';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JoulekeepError } from '../../events/errors.ts';
import { FeedFile } from '../../platform/embedded/host/feed-file.ts';
import { EmbeddedHost, type HostHandlers } from '../../platform/embedded/host/host.ts';
import { EmbeddedQueues } from '../../platform/embedded/queues.ts';
import type { FeedSpec } from '../../topology/feeds.ts';
import { FAILED_POSITIONS } from '../../topology/queues.ts';
import { commitOf } from '../contract/support/events.ts';
import { discard, newState, type TestState } from '../contract/support/state.ts';
import { SILENT } from './gateway-fixture.ts';

const SPEC: FeedSpec = {
  name: 'readers',
  function: 'consume',
  streams: ['segment/'],
  batchSize: 5,
  parallelization: 1,
  maxRetries: 2,
  timeoutSeconds: 10,
  onFailure: FAILED_POSITIONS,
};
const DONE: DynamoDBBatchResponse = { batchItemFailures: [] };

let state: TestState;
let queues: EmbeddedQueues;
let cursors: FeedFile;
let host: EmbeddedHost | undefined;

beforeEach(async () => {
  state = await newState();
  queues = new EmbeddedQueues(join(state.directory, 'queues.db'));
  cursors = new FeedFile(join(state.directory, 'feeds.db'));
});

afterEach(async () => {
  await host?.stop();
  cursors.close();
  queues.close();
  state.close();
  discard(state.directory);
});

async function start(handlers: HostHandlers['feeds']): Promise<void> {
  const changes = { events: state.database, cursors };
  host = new EmbeddedHost({ queues, changes, clock: state.clock, log: SILENT, feeds: [SPEC], retryMs: 1, timer: false });
  await host.start({ queues: {}, feeds: handlers ?? {} });
}

/** Appends commits of two events to streams, one after the other. */
async function append(...streams: string[]): Promise<void> {
  const store = state.store('ingest');
  for (const stream of streams) await store.append(await store.head(stream), commitOf(`${stream}`, 2)).durable;
}

/** `stream@version` of a record. */
function nameOf({ dynamodb }: DynamoDBRecord): string {
  return `${dynamodb!.Keys!['pk']!.S}@${dynamodb!.Keys!['sk']!.N}`;
}

function failed(record: DynamoDBRecord): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: record.dynamodb!.SequenceNumber! }] };
}

async function setAside(): Promise<unknown[]> {
  return (await queues.receive(FAILED_POSITIONS, 10, 0)).map(({ body }) => JSON.parse(body) as unknown);
}

describe('a change feed while something outside does not answer', () => {
  it('sets nothing aside, however long; what came meanwhile is taken when it does', async () => {
    const seen: string[] = [];
    let tries = 0;
    let isAway = true;
    await append('segment/1', 'segment/2', 'segment/1');
    await start({
      consume: async ({ Records }) => {
        tries++;
        if (isAway) throw new JoulekeepError('ERR_STORE_UNAVAILABLE', 'away', { retryable: true });
        seen.push(...Records.map(nameOf));
        return DONE;
      },
    });
    await vi.waitUntil(() => tries > 15);
    await append('segment/3');
    isAway = false;
    await host!.drain();
    expect(seen).toEqual(['segment/1@0', 'segment/2@0', 'segment/1@2', 'segment/3@0']);
    expect(await setAside()).toEqual([]);
  });

  it.each([
    ['by itself', (names: readonly string[]) => names.length === 1 && names[0] === 'segment/1@0'],
    ['and whatever it is handed over with', (names: readonly string[]) => names.includes('segment/1@0')],
  ])('a record that no service answers %s is set aside when another stream’s goes through meanwhile', async (_how, isPoison) => {
    const seen = new Set<string>();
    let tries = 0;
    await append('segment/1');
    await start({
      consume: async ({ Records }) => {
        const names = Records.map(nameOf);
        if (names.includes('segment/1@0')) tries++;
        if (isPoison(names)) throw new JoulekeepError('ERR_STORE_UNAVAILABLE', 'away', { retryable: true });
        if (names.includes('segment/1@0')) return failed(Records[0]!);
        for (const name of names) seen.add(name);
        return DONE;
      },
    });
    await vi.waitUntil(() => tries > 3 * SPEC.maxRetries);
    expect(await setAside()).toEqual([]);
    await append('segment/2');
    await host!.drain();
    expect([...seen]).toEqual(['segment/2@0']);
    expect(await setAside()).toMatchObject([{ stream: 'segment/1', version: 0 }]);
  });
});
