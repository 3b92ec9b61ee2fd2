import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Concentrator, type ConcentratorOptions } from '../../devices/concentrator/concentrator.ts';
import type { Link, LinkIdentity } from '../../devices/concentrator/link.ts';
import { MemorySpool } from '../../devices/concentrator/spool.ts';
import { createCsr } from '../../devices/meter/csr.ts';
import { BATCH_LIMIT, encodeParcel, readBatch, TO_CONCENTRATOR } from '../../protocol/batch.ts';
import { T0 } from '../support/mdms.ts';
import { certificateFor, METER_ID } from '../support/meter-rig.ts';

const HOUR = 3_600_000;

interface TestLink extends Link {
  /** Publishes that the broker took, and those it may or may not have taken. */
  readonly taken: { topic: string; payload: Buffer }[];
  readonly tried: { topic: string; payload: Buffer }[];
  readonly identities: LinkIdentity[];
  up: boolean;
  down(payload: Buffer): void;
}

function testLink(): TestLink {
  let handler = (_: Buffer): void => {};
  const link: TestLink = {
    taken: [],
    tried: [],
    identities: [],
    up: true,
    publish: async (topic, payload) => {
      link.tried.push({ topic, payload });
      if (!link.up) throw new Error('line down');
      link.taken.push({ topic, payload });
    },
    onDown: (given) => {
      handler = given;
    },
    down: (payload) => handler(payload),
    useIdentity: async (identity) => {
      link.identities.push(identity);
    },
  };
  return link;
}

const TELEMETRY = '$aws/rules/joulekeep_telemetry/v1/dc/dc-7/up';
const HANDSHAKE = '$aws/rules/joulekeep_handshake/v1/dc/dc-7/up';
const SERVICE = '$aws/rules/joulekeep_service/v1/dc/dc-7/up';
const frame = (fill: number, length = 81) => ({ kind: 'frame' as const, bytes: Buffer.alloc(length, fill) });

function concentrator(change: Partial<ConcentratorOptions> = {}) {
  const link = testLink();
  const clock = { now: T0 };
  const dc = new Concentrator({ dcId: '7', spool: new MemorySpool(), link, now: () => clock.now, ...change });
  return { dc, link, clock };
}

describe('store and forward', () => {
  it('sends frames as they came, in batches of at most 500 frames and 64 KiB, numbered without gaps', async () => {
    const { dc, link } = concentrator();
    const sent = Array.from({ length: 1_100 }, (_, i) => frame(i & 0xff, i < 600 ? 81 : 370));
    for (const output of sent) dc.accept(output, METER_ID);
    expect(await dc.flush()).toMatchObject({ batches: link.taken.length, frames: 1_100, failed: 0 });
    const batches = link.taken.map(({ topic, payload }) => {
      expect(topic).toBe(TELEMETRY);
      expect(payload.length).toBeLessThanOrEqual(BATCH_LIMIT.bytes);
      return readBatch(payload);
    });
    expect(batches.map(({ sequence }) => sequence)).toEqual(batches.map((_, i) => i + 1));
    expect(batches[0]?.count).toBe(500);
    const came = batches.flatMap(({ bytes, offset, length, count }) =>
      Array.from({ length: count }, (_, i) => bytes.subarray(offset[i]!, offset[i]! + length[i]!)),
    );
    expect(came).toEqual(sent.map(({ bytes }) => bytes));
    expect(dc.stats).toEqual({ batches: batches.length, frames: 1_100, spooled: 0, dropped: 0 });
  });

  it('a batch without PUBACK goes out again unchanged: same number, same bytes, new frames behind it', async () => {
    const { dc, link, clock } = concentrator();
    link.up = false;
    for (let hour = 0; hour < 5; hour++) {
      clock.now = T0 + hour * HOUR;
      dc.accept(frame(hour), METER_ID);
      expect((await dc.flush()).failed).toBe(hour + 1);
    }
    expect(dc.stats).toMatchObject({ batches: 0, spooled: 5 });
    link.up = true;
    await dc.flush();
    expect(link.taken.map(({ payload }) => readBatch(payload).sequence)).toEqual([1, 2, 3, 4, 5]);
    const first = link.tried.filter(({ payload }) => readBatch(payload).sequence === 1);
    expect(new Set(first.map(({ payload }) => payload.toString('hex'))).size).toBe(1);
    expect(first.length).toBe(6);
    expect(readBatch(link.taken[0]!.payload).receivedAt[0]).toBe(T0);
  });

  it('keeps a batch for 72 hours and no longer', async () => {
    const { dc, link, clock } = concentrator();
    link.up = false;
    dc.accept(frame(1), METER_ID);
    await dc.flush();
    clock.now = T0 + 72 * HOUR;
    dc.accept(frame(2), METER_ID);
    await dc.flush();
    expect(dc.stats).toMatchObject({ spooled: 2, dropped: 0 });
    clock.now = T0 + 72 * HOUR + 1;
    link.up = true;
    await dc.flush();
    expect(link.taken.map(({ payload }) => readBatch(payload).sequence)).toEqual([2]);
    expect(dc.stats).toEqual({ batches: 1, frames: 1, spooled: 0, dropped: 1 });
  });

  it('a full spool gives up its oldest batch, and what is too long to relay is not kept', async () => {
    const { dc, link } = concentrator({ limits: { maxSpoolBytes: 3 * 500 * 81 } });
    link.up = false;
    for (let i = 0; i < 2_000; i++) dc.accept(frame(i & 0xff), METER_ID);
    dc.accept(frame(0, 5_000), METER_ID);
    dc.accept(frame(0, 0), METER_ID);
    expect(dc.stats).toMatchObject({ spooled: 1_500, dropped: 502 });
  });

  it('two flushes at once send nothing twice', async () => {
    const { dc, link } = concentrator();
    for (let i = 0; i < 1_200; i++) dc.accept(frame(i & 0xff), METER_ID);
    await Promise.all([dc.flush(), dc.flush(), dc.flush()]);
    expect(link.taken).toHaveLength(3);
  });

  it('relays HELLO and renewal raw on the handshake topic, the newest of each meter', async () => {
    const { dc, link } = concentrator();
    link.up = false;
    dc.accept({ kind: 'hello', bytes: Buffer.from('old') }, METER_ID);
    await dc.flush();
    dc.accept({ kind: 'hello', bytes: Buffer.from('new') }, METER_ID);
    dc.accept({ kind: 'renewal', bytes: Buffer.from('renewal') }, METER_ID);
    link.up = true;
    expect(await dc.flush()).toMatchObject({ messages: 2, failed: 0 });
    expect(link.taken).toEqual([
      { topic: HANDSHAKE, payload: Buffer.from('new') },
      { topic: HANDSHAKE, payload: Buffer.from('renewal') },
    ]);
    expect(await dc.flush()).toMatchObject({ messages: 0 });
  });

  it('hands the items of a parcel to their meters, and drops what is no parcel', () => {
    const { dc, link } = concentrator();
    const got: [string, string][] = [];
    dc.onDownlink = (meterId, bytes) => got.push([meterId, bytes.toString()]);
    link.down(Buffer.from('junk'));
    link.down(Buffer.alloc(0));
    link.down(
      encodeParcel([
        { meterId: METER_ID, bytes: Buffer.from('a') },
        { meterId: '0000000000000009', bytes: Buffer.from('b') },
      ]),
    );
    expect(got).toEqual([
      [METER_ID, 'a'],
      ['0000000000000009', 'b'],
    ]);
  });
});

describe("the concentrator's own identity", () => {
  it('C10.1-6: makes a new key inside, and switches only to a certificate of that key and its own name', async () => {
    const kept: LinkIdentity[] = [];
    const { dc, link } = concentrator({ onIdentity: (identity) => kept.push(identity) });
    await dc.renewCertificate();
    expect(link.taken.map(({ topic }) => topic)).toEqual([SERVICE]);
    const csr = link.taken[0]!.payload;
    const stranger = await createCsr('dc-7', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
    const deliver = (certificate: Buffer) => link.down(encodeParcel([{ meterId: TO_CONCENTRATOR, bytes: certificate }]));
    deliver(await certificateFor(stranger, 'dc-7', T0));
    deliver(await certificateFor(csr, 'dc-8', T0));
    deliver(Buffer.from('junk'));
    expect(kept).toEqual([]);
    const certificate = await certificateFor(csr, 'dc-7', T0);
    deliver(certificate);
    deliver(certificate);
    expect(link.identities).toHaveLength(1);
    expect(kept).toEqual(link.identities);
    expect(new X509Certificate(certificate).checkPrivateKey(kept[0]!.key)).toBe(true);
  });

  it("a request that can't be published rejects, and nothing is switched", async () => {
    const { dc, link } = concentrator();
    link.up = false;
    await expect(dc.renewCertificate()).rejects.toThrow();
    expect(link.identities).toEqual([]);
  });
});
