import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, type _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { feedRecords } from '../../../lambdas/shared/feeds/feed-records.ts';
import type { Row } from '../../../platform/aws/dynamo/row.ts';
import { streamEvent } from '../../../platform/embedded/host/stream-event.ts';
import type { SubjectKey } from '../../../platform/ports/event-store.ts';
import { FEEDS } from '../../../topology/feeds.ts';
import { commitOf, idOf } from '../../contract/support/events.ts';
import { asEvent, ChangeStream, filtered } from './change-stream.ts';
import { type FreshState, freshState, storeOf } from './dynamo-state.ts';
import { allRows, CREDENTIALS, REGION } from './tables.ts';

const endpoint = inject('dynamodbEndpoint');
const DAY = 'meterday/m1/2026-01-01';
const SUBJECT: SubjectKey = { of: 'usage', subject: 'acc-a', month: '2026-01' };

let under: FreshState;
let streams: DynamoDBStreamsClient;
beforeEach(async () => {
  under = await freshState(endpoint);
  streams = new DynamoDBStreamsClient({ endpoint, region: REGION, credentials: CREDENTIALS });
});
afterEach(async () => {
  streams.destroy();
  await under.close();
});

/** Everything the table's change stream holds, shard by shard. */
function changes(): Promise<readonly StreamRecord[]> {
  return new ChangeStream(streams, under.events).next();
}

async function append(principal: string, stream: string, name: string, events: number, subject?: SubjectKey) {
  const store = storeOf(under, principal);
  const commit = subject === undefined ? commitOf(name, events) : { ...commitOf(name, events), subject };
  const appended = store.append(await store.head(stream, subject), commit);
  await appended.durable;
  return appended.head;
}

describe('the change stream of the event table', () => {
  it('tells handlers of each commit what the embedded feed tells them', async () => {
    await append('ingest', 'segment/00000', 'a', 3);
    await append('close-day', DAY, 'b', 1, SUBJECT);
    await append('keys', 'meter/m1', 'c', 1);
    await append('ingest', 'segment/00000', 'd', 2);
    const records = await changes();
    const rows = await allRows(under.client, under.events);
    const arrivalOf = ({ pk, sk, count, keyId, hash }: Row, place: number) => {
      const [stream, version] = [pk!.S!, Number(sk!.N)];
      return { place, stream, version, count: Number(count!.N), keyId: keyId!.S!, hash: Buffer.from(hash!.B!), recordedAt: 0 };
    };
    for (const { name, streams: prefixes } of FEEDS) {
      const told = feedRecords({ Records: filtered(records, prefixes) }).map(({ sequence: _, ...record }) => record);
      const arrivals = rows.filter(({ pk }) => prefixes.some((prefix) => pk!.S!.startsWith(prefix))).map(arrivalOf);
      const expected = feedRecords(streamEvent(name, arrivals)).map(({ sequence: _, ...record }) => record);
      const appended = ['segment/', 'meterday/', 'meter/', 'segment/'];
      expect(told.length, name).toBe(appended.filter((family) => prefixes.includes(family)).length);
      // Order is kept per stream alone.
      const inOrder = (some: typeof told) => some.toSorted((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0));
      expect(inOrder(told), name).toEqual(inOrder(expected.toSorted((a, b) => a.version - b.version)));
    }
    const [day] = feedRecords({ Records: filtered(records, ['meterday/']) });
    expect(day).toMatchObject({ stream: DAY, version: 0, count: 1, subject: 'acc-a' });
    expect(day!.sequence).toMatch(/^\d+$/);
  });

  it('R9.1-3: shows bodies sealed, as the table has them', async () => {
    await append('close-day', DAY, 'known name', 1, SUBJECT);
    const [record] = await changes();
    expect(record!.dynamodb!.StreamViewType).toBe('NEW_IMAGE');
    const shown = JSON.stringify(asEvent(record!));
    expect(Buffer.from(record!.dynamodb!.NewImage!['body']!.B!).includes('MeterActivated')).toBe(false);
    expect(shown).toContain(idOf('known name').toString('base64'));
  });

  it('tells nobody of what is taken out, moved on, noted, or removed by TTL', async () => {
    const head = await append('ingest', 'segment/00000', 'a', 1);
    await append('ingest', 'segment/00000', 'b', 1);
    await storeOf(under, 'archive').trim(head, idOf('body'));
    for (const { pk, sk, expiresAt } of await allRows(under.client, under.events))
      if (expiresAt !== undefined) await under.client.send(new DeleteItemCommand({ TableName: under.events, Key: { pk: pk!, sk: sk! } }));
    const records = await changes();
    expect(new Set(records.map(({ eventName }) => eventName))).toEqual(new Set(['INSERT', 'MODIFY', 'REMOVE']));
    for (const { name, streams: prefixes } of FEEDS) {
      const told = feedRecords({ Records: filtered(records, prefixes) });
      expect(
        told.map(({ version }) => version),
        name,
      ).toEqual(prefixes.includes('segment/') ? [0, 1] : []);
    }
    expect(feedRecords({ Records: records.filter(({ eventName }) => eventName !== 'INSERT').map(asEvent) })).toEqual([]);
  });
});
