import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { all, commitOf, idOf, versionsOf } from '../../contract/support/events.ts';
import { deafClient, SDK_ATTEMPTS } from './dying-client.ts';
import { type FreshState, freshState, storeOf } from './dynamo-state.ts';

const STREAM = 'meter/0011223344556677';

describe('a put that succeeded and whose answer was lost', () => {
  const endpoint = inject('dynamodbEndpoint');
  let under: FreshState;
  beforeEach(async () => {
    under = await freshState(endpoint);
  });
  afterEach(() => under.close());

  it('is recognised when the SDK sends it again: it is the append that was asked for, and the next one stands on it', async () => {
    const store = storeOf({ ...under, client: deafClient(endpoint, 1) }, 'ingest');
    const first = store.append(await store.head(STREAM), commitOf('a'));
    const second = store.append(first.head, commitOf('b'));
    expect([await first.durable, await second.durable]).toEqual(['appended', 'appended']);
    expect(await store.head(STREAM)).toEqual(second.head);
    expect((await all(storeOf(under, 'keys').read(STREAM))).map(({ head }) => head)).toEqual([first.head, second.head]);
  });

  it('is a repetition when whoever asked for it asks again, and no conflict', async () => {
    const store = storeOf({ ...under, client: deafClient(endpoint, SDK_ATTEMPTS) }, 'ingest');
    const head = await store.head(STREAM);
    await expect(store.append(head, commitOf('a')).durable).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', retryable: true });
    expect(await store.append(head, commitOf('a')).durable).toBe('repeated');
    expect(await store.append(await store.head(STREAM), commitOf('b')).durable).toBe('appended');
    expect(versionsOf(await all(store.read(STREAM)))).toEqual([0, 1]);
  });

  it('carries what was appended on top of it: that is judged by what the table holds', async () => {
    const store = storeOf({ ...under, client: deafClient(endpoint, SDK_ATTEMPTS) }, 'ingest');
    const first = store.append(await store.head(STREAM), commitOf('a'));
    const second = store.append(first.head, commitOf('b'));
    await expect(first.durable).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(await second.durable).toBe('appended');
    expect((await all(store.read(STREAM))).map(({ commitId }) => commitId)).toEqual([idOf('a'), idOf('b')]);
  });

  it('is still a repetition after another has appended behind it', async () => {
    const store = storeOf({ ...under, client: deafClient(endpoint, SDK_ATTEMPTS) }, 'ingest');
    const head = await store.head(STREAM);
    await expect(store.append(head, commitOf('a')).durable).rejects.toMatchObject({ retryable: true });
    const other = storeOf(under, 'keys');
    await other.append(await other.head(STREAM), commitOf('b')).durable;
    expect(await store.append(head, commitOf('a')).durable).toBe('repeated');
  });
});
