import { describe, expect, it } from 'vitest';
import { INGEST_LIMITS } from '../../lambdas/ingest/limits.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { QUARTER_MS } from '../support/sealed-town.ts';
import { FIRST_HOUR, IngestWorld, START } from './ingest-world.ts';

const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;

describe('what an authentic frame still has to satisfy', () => {
  it('C10.1-5: authentic padding that is not zero is refused for its layout, not as a frame that does not open', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    const fields = { flags: 0, channel: 0, end: FIRST_HOUR / 1000, minutes: 15, register: 5, head: Buffer.alloc(8), deltas: [5] };
    const plaintext = encodePlaintext({ kind: 'reading', ...fields });
    plaintext[plaintext.length - 1] = 1;
    const { meterId, epoch, secret } = meter!;
    const frame = sealFrame(
      { meterId, epoch, generation: 0, salt: 7, counter: ++meter!.counter },
      generationOf(epochKeys(secret).chain0, 0),
      plaintext,
    );
    await world.deliver([frame]);
    expect(await world.tally()).toMatchObject({ accepted: 0, refusedByReason: { 'plaintext-layout': 1 } });
  });

  it('a worker that has an epoch in memory opens no frame of it 14 days after, once its row is gone', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    await world.deliver([meter!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    await world.world.as('maintenance').keys.destroy(`epoch/${meter!.meterId}/00001`);
    const late = START + 14 * DAY_MS + QUARTER_MS;
    await world.deliver([meter!.reading(late, [1, 2, 3, 4])], 'one', late);
    expect(await world.tally()).toMatchObject({ accepted: 1, refusedByReason: { 'unknown-epoch': 1 } });
  });

  it('C10.1-1: a concentrator speaks for a meter from its assignment to 72 hours after its end, by broker time', async () => {
    const world = await IngestWorld.make({ relays: ['one'] });
    const [meter] = world.town;
    const { meterId, segment } = meter!;
    const relays = [
      { dcId: 'one', from: 0, until: START + HOUR_MS },
      { dcId: 'two', from: START + 2 * HOUR_MS },
    ];
    await world.amend(segment, { type: 'AmendMember', meterId, relays, at: START });
    const at = async (dcId: string, hours: number) => {
      await world.deliver([meter!.reading(START + hours * HOUR_MS, [1, 2, 3, 4])], dcId, START + hours * HOUR_MS);
      const { accepted, refusedByReason } = await world.tally();
      return [accepted, refusedByReason['unassigned-relay'] ?? 0];
    };
    expect(await at('two', 1)).toEqual([0, 1]);
    expect(await at('two', 2)).toEqual([1, 1]);
    expect(await at('one', 72)).toEqual([2, 1]);
    expect(await at('one', 73)).toEqual([2, 2]);
  });
});

describe('answers', () => {
  it('never use a sequence number twice, several answers to one batch included', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    for (const hour of [1, 2, 6, 7, 20, 26, 31])
      await world.deliver([meter!.reading(START + hour * HOUR_MS, [1, 2, 3, 4])], 'one', START + hour * HOUR_MS);
    const issued = (await world.events('segment/')).flatMap((event) => (event.type === 'DownlinksIssued' ? event.data.messages : []));
    expect(issued.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['ack', 'resend']));
    expect(issued.map(({ dnSeq }) => dnSeq)).toEqual(issued.map((_, i) => i + 1));
  });
});

describe('the share of one concentrator', () => {
  const limits = { ...INGEST_LIMITS, relay: { burst: 20, perHour: 60 }, stranger: { burst: 5, perHour: 5 } };
  const damaged = (world: IngestWorld, count: number) =>
    Array.from({ length: count }, () => {
      const frame = world.town[0]!.reading(FIRST_HOUR, [1, 1, 1, 1]);
      frame[60]! ^= 1;
      return frame;
    });

  it('holds for frames of its own meters', async () => {
    const world = await IngestWorld.make({}, { limits });
    await world.deliver(damaged(world, 30));
    expect((await world.tally()).refusedByReason).toEqual({ 'not-authentic': 20, 'relay-throttled': 10 });
  });

  it('is smaller for meters it has no business with', async () => {
    const world = await IngestWorld.make({ relays: ['one'] }, { limits });
    await world.deliver(damaged(world, 15), 'two');
    expect((await world.tally()).refusedByReason).toEqual({ 'not-authentic': 5, 'relay-throttled': 10 });
  });

  it('is 200 look-ups of epochs nobody has heard of, and 100 raw frames kept', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    await world.deliver([meter!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    let lookups = 0;
    const { list } = world.world.keys;
    world.world.keys.list = (prefix) => {
      lookups++;
      return list.call(world.world.keys, prefix);
    };
    const unheard = Array.from({ length: 500 }, (_, i) => {
      const frame = Buffer.from(meter!.reading(FIRST_HOUR, [1, 1, 1, 1]));
      frame.writeUInt16BE(2 + i, 16);
      return frame;
    });
    await world.deliver(unheard, 'two');
    expect(lookups).toBe(INGEST_LIMITS.keyLookups.burst);
    const raws = (await world.events('segment/')).flatMap((event) => (event.type === 'FramesRefused' ? event.data.raws : []));
    expect(raws).toHaveLength(INGEST_LIMITS.raws.burst);
  });

  it('is used up by junk as well, and who goes on is cut off', async () => {
    const world = await IngestWorld.make({}, { limits });
    const junk = Array.from({ length: 20 }, (_, i) => Buffer.alloc(81, i));
    await world.deliver(junk);
    await world.deliver(damaged(world, 3));
    expect((await world.tally()).refusedByReason).toMatchObject({ 'relay-throttled': 3 });
    for (let minute = 1; minute <= 4; minute++) await world.deliver(damaged(world, 10), 'one', FIRST_HOUR + minute * 60_000);
    const types = (await world.events('relay/')).map(({ type }) => type);
    expect(types.filter((type) => type === 'RelayThrottled')).toHaveLength(5);
    expect(types.filter((type) => type === 'RelayQuarantined')).toHaveLength(1);
  });
});

describe('what opens and is set aside all the same', () => {
  it('an interval that ends tomorrow or in 2106, in 1970 or 46 days ago, a channel it has not, a counter beyond the limit', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    const now = START + 60 * DAY_MS;
    const frames = [
      meter!.reading(now + DAY_MS, [1]),
      meter!.reading(0xffff_ffff * 1000, [1]),
      meter!.reading(now + 11 * 60_000, [1]),
      meter!.reading(QUARTER_MS, [1]),
      meter!.reading(now - 46 * DAY_MS, [1]),
      meter!.reading(now, [1], { channel: 1 }),
    ];
    meter!.counter = 65_536;
    frames.push(meter!.reading(now, [1]), meter!.reading(now, [1]));
    await world.deliver(frames, 'one', now);
    const { accepted, refusedByReason } = await world.tally();
    expect(accepted).toBe(0);
    expect(refusedByReason).toEqual({ 'interval-future': 3, 'interval-too-old': 2, 'unknown-channel': 1, 'message-limit': 2 });
  });

  it('frames of a meter that is quarantined, until it is released', async () => {
    const world = await IngestWorld.make();
    const { meterId, segment } = world.town[0]!;
    await world.amend(segment, { type: 'AmendMember', meterId, status: 'quarantined', at: START });
    await world.deliver([world.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    expect(await world.tally()).toMatchObject({ accepted: 0, refusedByReason: { 'meter-quarantined': 1 } });
    await world.amend(segment, { type: 'AmendMember', meterId, status: 'active', at: START });
    await world.deliver([world.town[0]!.reading(FIRST_HOUR, [1, 2, 3, 4])]);
    expect((await world.tally()).accepted).toBe(1);
  });

  it('other bytes under a counter used long ago, for which the meter is asked to say HELLO until it has; the same bytes are a duplicate', async () => {
    const world = await IngestWorld.make();
    const [meter] = world.town;
    const first = meter!.reading(FIRST_HOUR, [1, 2, 3, 4]);
    await world.deliver([first]);
    await world.deliver(Array.from({ length: 200 }, () => meter!.reading(FIRST_HOUR, [1, 2, 3, 4])));
    meter!.counter = 0;
    const other = meter!.reading(FIRST_HOUR, [4, 3, 2, 1]);
    for (const anew of [false, true]) {
      if (anew) world.restart();
      await world.deliver([first]);
      await world.deliver([other]);
    }
    expect(await world.tally()).toMatchObject({ accepted: 201, duplicate: 2, refusedByReason: { 'counter-reused': 2 } });
    expect((await world.events(`meter/${meter!.meterId}`)).filter(({ type }) => type === 'CounterReused')).toHaveLength(1);
    expect(await asked(world)).toBe(2);
    meter!.renew();
    await new EpochVault(world.world.as('keys')).store(meter!.meterId, meter!.epoch, meter!.secret);
    await world.deliver([meter!.reading(FIRST_HOUR + HOUR_MS, [1, 2, 3, 4])], 'one', FIRST_HOUR + HOUR_MS);
    await world.deliver([other]);
    expect((await world.tally()).refusedByReason).toEqual({ 'counter-reused': 3 });
    expect(await asked(world)).toBe(2);
  });
});

/** Requests for a new epoch so far. */
async function asked(world: IngestWorld): Promise<number> {
  const issued = (await world.events('segment/')).flatMap((event) => (event.type === 'DownlinksIssued' ? event.data.messages : []));
  return issued.filter(({ kind }) => kind === 'epoch-request').length;
}
