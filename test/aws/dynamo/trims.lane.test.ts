import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { EventStore, RecordedCommit, StreamHead, SubjectKey } from '../../../platform/ports/event-store.ts';
import { archiveObject } from '../../../platform/ports/stream-anchor.ts';
import { grantSubjectAccess } from '../../../platform/ports/subject-grants.ts';
import { signTrim } from '../../../platform/store/trim-record.ts';
import { verifyStreams } from '../../../platform/store/verify.ts';
import { all, commitOf, idOf, telemetryCommit, versionsOf } from '../../contract/support/events.ts';
import { MINUTE } from '../../contract/support/state.ts';
import { dyingClient } from './dying-client.ts';
import { archivesOf, type FreshState, freshState, storeOf, verifyOptionsOf } from './dynamo-state.ts';
import { allRows } from './tables.ts';

const endpoint = inject('dynamodbEndpoint');
const SEGMENT = 'segment/00000';
const DAYS = ['meterday/m1/2026-01-01', 'meterday/m1/2026-01-02', 'meterday/m1/2026-01-03'];
const SUBJECT: SubjectKey = { of: 'usage', subject: 'acc-a', month: '2026-01' };
const ACCESS = grantSubjectAccess(
  { principal: 'close-day', purpose: 'close-day', from: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 1, 1) },
  ['acc-a'],
);
const BODY = idOf('body of a checkpoint');

let under: FreshState;
beforeEach(async () => {
  under = await freshState(endpoint);
});
afterEach(() => under.close());

const archiver = () => storeOf(under, 'archive');

async function append(store: EventStore, stream: string, names: readonly string[], subject?: SubjectKey): Promise<StreamHead[]> {
  const heads: StreamHead[] = [];
  let head = await store.head(stream, subject);
  for (const name of names) {
    const appended = store.append(head, subject === undefined ? commitOf(name, 2) : { ...commitOf(name, 2), subject });
    await appended.durable;
    head = appended.head;
    heads.push(head);
  }
  return heads;
}

const names = (count: number, of = '') => Array.from({ length: count }, (_, i) => `${of}${i}`);
const rows = () => allRows(under.client, under.events);
const live = async (stream: string) => (await rows()).filter(({ pk, body }) => pk!.S === stream && body !== undefined).length;

/** What TTL does, some day, in any order. */
async function expire(): Promise<number> {
  const due = (await rows()).filter(({ expiresAt }) => expiresAt !== undefined);
  for (const { pk, sk } of due.toReversed())
    await under.client.send(new DeleteItemCommand({ TableName: under.events, Key: { pk: pk!, sk: sk! } }));
  return due.length;
}

/** `<stream> <trimmed> <fault>` of every stream, whatever its state. */
async function verified(): Promise<string[]> {
  const reports = await Array.fromAsync(verifyStreams(archivesOf(under), '', verifyOptionsOf(under)));
  return reports.map(({ stream, trimmed, bad }) => `${stream} ${trimmed?.why ?? 'hot'} ${bad?.fault ?? 'sound'}`);
}

const readDays = async (store = storeOf(under, 'close-day')): Promise<RecordedCommit[]> =>
  (await Promise.all(DAYS.map((stream) => all(store.read(stream, 0, ACCESS))))).flat();

async function recordDays(): Promise<RecordedCommit[]> {
  for (const stream of DAYS) await append(storeOf(under, 'close-day'), stream, names(4, stream), SUBJECT);
  return await readDays();
}

describe('telemetry behind a checkpoint', () => {
  it('is hidden at once, emptied, given a time to live, and nothing is deleted by anybody', async () => {
    const heads = await append(storeOf(under, 'ingest'), SEGMENT, names(12));
    const before = (await rows()).length;
    await archiver().trim(heads[8]!, BODY);
    const store = storeOf(under, 'ingest');
    await expect(all(store.read(SEGMENT))).rejects.toMatchObject({ code: 'ERR_STREAM_TRIMMED', keptFrom: 18 });
    expect(versionsOf(await all(store.read(SEGMENT, 18)))).toEqual([18, 20, 22]);
    expect(await store.head(SEGMENT)).toEqual(heads[11]);
    expect(await store.anchor(SEGMENT)).toMatchObject({ why: 'checkpoint', body: BODY, head: heads[8] });
    const after = await rows();
    // The anchor, and the note of the work, which is done.
    expect(after.length).toBe(before + 2);
    const taken = after.filter(({ pk, gone }) => pk!.S === SEGMENT && gone?.BOOL === true);
    expect(taken.length).toBe(9);
    const until = under.state.clock.now() / 1000 + 7 * 86_400;
    for (const row of taken) {
      expect([row['body'], row['envelope'], row['tag'], row['keyId']]).toEqual([undefined, undefined, undefined, undefined]);
      expect(Number(row['expiresAt']!.N)).toBe(until);
    }
    expect(await verified()).toEqual([`${SEGMENT} checkpoint sound`]);
  });

  it('once TTL has removed it the stream goes on as before, and is found by its name', async () => {
    const heads = await append(storeOf(under, 'ingest'), SEGMENT, names(3));
    await archiver().trim(heads[2]!, BODY);
    const head = async () => await storeOf(under, 'ingest').head(SEGMENT);
    expect(await head()).toEqual(heads[2]);
    expect(await storeOf(under, 'ingest').isHot(SEGMENT)).toBe(false);
    expect(await expire()).toBe(4);
    expect(await head()).toEqual(heads[2]);
    expect(await all(storeOf(under, 'ingest').streams('segment/'))).toEqual([SEGMENT]);
    await append(storeOf(under, 'ingest'), SEGMENT, ['later']);
    expect(versionsOf(await all(storeOf(under, 'ingest').read(SEGMENT, 6)))).toEqual([6]);
    expect(await verified()).toEqual([`${SEGMENT} checkpoint sound`]);
  });

  it('can be cut again further on, and not where the stream does not stand or stood before', async () => {
    const heads = await append(storeOf(under, 'ingest'), SEGMENT, names(6));
    const refused = expect.objectContaining({ code: 'ERR_TRIM_REFUSED', retryable: true });
    await expect(archiver().trim({ ...heads[2]!, hash: idOf('another') }, BODY)).rejects.toEqual(refused);
    await expect(archiver().trim({ ...heads[2]!, version: 4 }, BODY)).rejects.toEqual(refused);
    await archiver().trim(heads[2]!, BODY);
    await archiver().trim(heads[2]!, BODY);
    await archiver().trim(heads[4]!, idOf('newer'));
    await expect(archiver().trim(heads[2]!, BODY)).rejects.toEqual(refused);
    expect(await storeOf(under, 'ingest').anchor(SEGMENT)).toMatchObject({ head: heads[4], body: idOf('newer') });
    expect(await live(SEGMENT)).toBe(1);
  });

  it('goes in such an order that as long as anything of it is left the last is', async () => {
    const heads = await append(storeOf(under, 'ingest'), SEGMENT, names(12));
    let partly = 0;
    for (let left = 4; ; left++) {
      const { client, died } = dyingClient(endpoint, left, true);
      await storeOf({ ...under, client }, 'archive')
        .trim(heads[11]!, BODY)
        .catch(() => undefined);
      const versions = (await rows()).filter(({ pk, body }) => pk!.S === SEGMENT && body !== undefined).map(({ sk }) => Number(sk!.N));
      if (versions.length > 0) expect(versions).toContain(22);
      if (versions.length > 0 && versions.length < 12) partly++;
      if (!died()) break;
    }
    expect(partly).toBeGreaterThan(0);
    expect(await live(SEGMENT)).toBe(0);
  });

  it('is not written over by who still has a head from before in mind, TTL or not', async () => {
    // Of a class whose streams share a key: a look at another one keeps it in memory.
    const RELAY = 'relay/dc-1';
    const slow = storeOf(under, 'ingest');
    const heads = await append(slow, RELAY, names(3));
    const slower = storeOf(under, 'ingest');
    expect(await slower.head(RELAY)).toEqual(heads[2]);
    const other = storeOf(under, 'keys');
    await append(other, RELAY, ['further', 'and further']);
    await archiver().trim(await other.head(RELAY), BODY);
    const conflict = { code: 'ERR_VERSION_CONFLICT', expectedVersion: 6 };
    await expect(slow.append(heads[2]!, commitOf('late')).durable).rejects.toMatchObject({ ...conflict, winner: idOf('further') });
    await expire();
    under.state.clock.advance(20 * MINUTE);
    await slower.head('relay/dc-2');
    await expect(slower.append(heads[2]!, commitOf('late')).durable).rejects.toMatchObject({ ...conflict, winner: undefined });
  });
});

describe('meter days in an archive', () => {
  it('are read as before, opened by nobody on the way, and gone from the table', async () => {
    const before = await recordDays();
    expect(before.length).toBe(12);
    await archiver().archive(DAYS);
    for (const stream of DAYS) expect(await live(stream)).toBe(0);
    expect(await readDays()).toEqual(before);
    expect(versionsOf(await all(storeOf(under, 'close-day').read(DAYS[0]!, 4, ACCESS)))).toEqual([4, 6]);
    expect((await storeOf(under, 'billing').rowsOf(DAYS[0]!)).length).toBe(1);
    expect(await expire()).toBe(13);
    expect(await readDays()).toEqual(before);
    expect(await all(archiver().streams('meterday/m1/'))).toEqual(DAYS);
    expect(await verified()).toEqual(DAYS.map((stream) => `${stream} archive sound`));
  });

  it('what is recorded of them later stands behind the archive, is moved with it, and the old archive is swept', async () => {
    await recordDays();
    await archiver().archive(DAYS);
    const [old] = await under.state.objects.list('archive/');
    await append(storeOf(under, 'close-day'), DAYS[1]!, ['restated'], SUBJECT);
    const before = await readDays();
    expect(before.length).toBe(13);
    expect(await archiver().isHot(DAYS[1]!)).toBe(true);
    await archiver().archive(DAYS);
    expect(await archiver().isHot(DAYS[1]!)).toBe(false);
    expect((await under.state.objects.list('archive/')).length).toBe(2);
    expect([await archiver().sweep(), await archiver().sweep()]).toEqual([1, 0]);
    expect(await under.state.objects.list('archive/')).not.toContain(old);
    expect(await readDays()).toEqual(before);
    expect(await verified()).toEqual(DAYS.map((stream) => `${stream} archive sound`));
  });

  it('an archive on which a stream still rests stays, though others have left it', async () => {
    await recordDays();
    await archiver().archive(DAYS);
    await append(storeOf(under, 'close-day'), DAYS[0]!, ['restated'], SUBJECT);
    const before = await readDays();
    await archiver().archive([DAYS[0]!]);
    expect(await archiver().sweep()).toBe(0);
    expect(await readDays()).toEqual(before);
    await archiver().archive(DAYS);
    expect(await archiver().sweep()).toBe(2);
    expect(await readDays()).toEqual(before);
  });

  it('a reader that has begun before they are moved reads on to the end', async () => {
    const stream = DAYS[0]!;
    const store = storeOf(under, 'close-day');
    const ids: Buffer[] = [];
    let head = await store.head(stream, SUBJECT);
    for (const name of names(24)) {
      const appended = store.append(head, { ...telemetryCommit(name, 60_000), subject: SUBJECT });
      head = appended.head;
      await appended.durable;
      ids.push(idOf(name));
    }
    const reading = storeOf(under, 'close-day').read(stream, 0, ACCESS)[Symbol.asyncIterator]();
    const read = [(await reading.next()).value as RecordedCommit];
    await archiver().archive([stream]);
    for (let next = await reading.next(); next.done !== true; next = await reading.next()) read.push(next.value);
    expect(read.map(({ commitId }) => commitId)).toEqual(ids);
  });

  it.each([false, true])(
    'a run that breaks off anywhere loses nothing, and the next one ends it (last answer lost: %s)',
    async (unheard) => {
      const before = await recordDays();
      let deaths = 0;
      for (let left = 1; ; left++) {
        const { client, died } = dyingClient(endpoint, left, unheard);
        const store = storeOf({ ...under, client }, 'archive');
        await store
          .archive(DAYS)
          .then(() => store.sweep())
          .catch(() => undefined);
        if (!died()) break;
        deaths++;
        expect(await readDays()).toEqual(before);
        expect((await verified()).every((line) => line.endsWith(' sound'))).toBe(true);
      }
      expect(deaths).toBeGreaterThan(20);
      await archiver().sweep();
      for (const stream of DAYS) expect(await live(stream)).toBe(0);
      expect(await readDays()).toEqual(before);
      expect((await under.state.objects.list('archive/')).length).toBe(1);
      expect((await rows()).filter(({ shard }) => shard?.S === 'trims-unfinished')).toEqual([]);
    },
  );

  it('what broke off is carried on by the next sweep alone', async () => {
    const before = await recordDays();
    for (let left = 30; ; left += 3) {
      const { client, died } = dyingClient(endpoint, left, true);
      await storeOf({ ...under, client }, 'archive')
        .archive(DAYS)
        .catch(() => undefined);
      expect(died()).toBe(true);
      if ((await rows()).some(({ shard }) => shard?.S === 'trims-unfinished')) break;
    }
    expect(await live(DAYS[2]!)).toBe(4);
    expect(await archiver().sweep()).toBe(0);
    for (const stream of DAYS) expect(await live(stream)).toBe(0);
    expect(await readDays()).toEqual(before);
  });
});

describe('C10.1-7: what takes commits out of a stream', () => {
  it('is signed by the principal archive or refused', async () => {
    const [head] = await append(storeOf(under, 'ingest'), SEGMENT, ['a']);
    for (const principal of ['ingest', 'maintenance', 'auditor'])
      await expect(storeOf(under, principal).trim(head!, BODY), principal).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
    expect(await live(SEGMENT)).toBe(1);
  });

  it('is not believed of an anchor that somebody has put, nor carried on', async () => {
    const heads = await append(storeOf(under, 'ingest'), SEGMENT, names(3));
    await archiver().trim(heads[0]!, BODY);
    const anchor = (await rows()).find(({ pk }) => pk!.S === `~anchor/${SEGMENT}`)!;
    const forged = { ...anchor, version: { N: '3' }, hash: { B: heads[1]!.hash } };
    await under.client.send(new PutItemCommand({ TableName: under.events, Item: forged }));
    await expect(all(storeOf(under, 'ingest').read(SEGMENT))).rejects.toMatchObject({ code: 'ERR_ANCHOR_REFUSED' });
    expect(await verified()).toEqual([`${SEGMENT} hot unsigned`]);
    await under.client.send(new PutItemCommand({ TableName: under.events, Item: anchor }));
    const work = { pk: { S: '~trim/x' }, sk: { N: '0' }, shard: { S: 'trims-unfinished' }, name: { S: '~trim/x' } };
    const nobody = { ...under.state.kms.as('ingest'), sign: async () => Buffer.alloc(64, 1) };
    const { payload, signature } = await signTrim(nobody, { why: 'checkpoint', at: 1, body: BODY, heads: [heads[2]!] });
    const Item = { ...work, payload: { B: payload }, signature: { B: signature }, replaced: { L: [] } };
    await under.client.send(new PutItemCommand({ TableName: under.events, Item }));
    await archiver().sweep();
    expect(await live(SEGMENT)).toBe(2);
    expect(await under.state.objects.get(archiveObject(BODY))).toBeUndefined();
  });
});
