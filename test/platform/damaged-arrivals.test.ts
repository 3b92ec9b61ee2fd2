import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainHash } from '../../platform/store/commit.ts';
import { commitOf } from '../contract/support/events.ts';
import { discard, newState, type TestState } from '../contract/support/state.ts';

let state: TestState;
beforeEach(async () => {
  state = await newState();
});
afterEach(() => {
  state.close();
  discard(state.directory);
});

describe('a commit whose envelope is none any more', () => {
  it('C10.1-7: is told to every feed by its name and hash, and holds up nothing behind it', async () => {
    const store = state.store('ingest');
    for (const stream of ['segment/1', 'segment/2', 'segment/1']) await store.append(await store.head(stream), commitOf(stream, 2)).durable;
    const [whole] = [...state.database.stored('segment/2')];
    const file = new DatabaseSync(join(state.directory, 'events.db'));
    file.exec("UPDATE commits SET envelope = x'ff' WHERE stream = 'segment/2'");
    file.close();
    const { found, looked } = state.database.arrivals(0, 10, () => true);
    expect([looked, found.map(({ stream, version }) => `${stream} ${version}`)]).toEqual([
      3,
      ['segment/1 0', 'segment/2 0', 'segment/1 2'],
    ]);
    expect(found[1]).toEqual({
      ...{ place: 2, stream: 'segment/2', version: 0, count: 2 },
      hash: chainHash(whole!),
      keyId: '',
      recordedAt: 0,
    });
  });
});
