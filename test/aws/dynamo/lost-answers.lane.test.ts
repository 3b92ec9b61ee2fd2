import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { EventStore } from '../../../platform/ports/event-store.ts';
import { VersionConflict } from '../../../platform/ports/version-conflict.ts';
import { all, commitOf, idOf, versionsOf } from '../../contract/support/events.ts';
import { deafClient, losingClient, SDK_ATTEMPTS } from './dying-client.ts';
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

  it('or many, of two writers of one stream: each commit is there once, where its writer was told that it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), fc.nat(4), async (losses, shift) => {
        const own = await freshState(endpoint);
        const write = async (writer: EventStore, name: string): Promise<void> => {
          for (let head = await writer.head(STREAM); ; ) {
            try {
              await writer.append(head, commitOf(name)).durable;
              return;
            } catch (error) {
              if (error instanceof VersionConflict) head = await writer.head(STREAM);
              else expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
            }
          }
        };
        const told = ['x', 'y'].map(async (who, i) => {
          const queue = [...losses.slice(i * shift), ...losses.slice(0, i * shift)];
          const store = storeOf({ ...own, client: losingClient(endpoint, () => queue.shift() ?? false) }, i === 0 ? 'ingest' : 'keys');
          for (let n = 0; n < 5; n++) await write(store, `${who}${n}`);
        });
        await Promise.all(told);
        const commits = await all(storeOf(own, 'auditor').read(STREAM));
        expect(versionsOf(commits)).toEqual(Array.from({ length: 10 }, (_, i) => i));
        for (const who of ['x', 'y']) {
          const ids = Array.from({ length: 5 }, (_, n) => idOf(`${who}${n}`).toString('hex'));
          expect(commits.map(({ commitId }) => commitId.toString('hex')).filter((id) => ids.includes(id))).toEqual(ids);
        }
        await own.close();
      }),
      { numRuns: 6 },
    );
  });
});
