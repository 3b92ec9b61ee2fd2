import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitOf } from '../contract/support/events.ts';
import { discard, newState, type TestState } from '../contract/support/state.ts';

const CONSUMER = join(import.meta.dirname, '../contract/support/crash-feed.ts');

let state: TestState;
beforeEach(async () => {
  state = await newState();
});
afterEach(() => {
  state.close();
  discard(state.directory);
});

/** Appends commits of two events to streams, one after the other. */
async function append(...streams: string[]): Promise<void> {
  const store = state.store('ingest');
  for (const stream of streams) await store.append(await store.head(stream), commitOf(`${stream}`, 2)).durable;
}

describe('the change feed', () => {
  it('nothing is skipped and no stream is out of order when the consumer is killed between handling and cursor', {
    timeout: 60_000,
  }, async () => {
    const streams = ['segment/1', 'segment/2', 'segment/3'];
    for (let round = 0; round < 6; round++) await append(...streams);
    for (const records of [3, 4, 1, 5, 0]) {
      const child = execFile(process.execPath, [CONSUMER, state.directory, String(records)]);
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect({ records, code, signal }).toEqual({ records, code: records === 0 ? 0 : null, signal: records === 0 ? null : 'SIGKILL' });
    }
    const lines = readFileSync(join(state.directory, 'handled.txt'), 'utf8').trim().split('\n');
    for (const stream of streams) {
      const versions = lines.filter((line) => line.startsWith(`${stream} `)).map((line) => Number(line.split(' ')[1]));
      expect([...new Set(versions)]).toEqual([0, 2, 4, 6, 8, 10]);
      // What comes again begins with something already handled: never a step over what was not.
      for (const [i, version] of versions.entries()) expect(version).toBeLessThanOrEqual(Math.max(-2, ...versions.slice(0, i)) + 2);
    }
    expect(lines.length).toBeGreaterThan(18);
  });
});
