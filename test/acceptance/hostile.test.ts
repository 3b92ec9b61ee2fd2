import { describe, expect, it } from 'vitest';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { decodeAck, openDownlink } from '../../protocol/downlink.ts';
import { FrameOpener } from '../../protocol/frame.ts';
import { epochKeys } from '../../protocol/keys.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { DAY, HOUR, MONDAY, Street } from './street.ts';

describe('hostile inputs, the whole way', () => {
  it('E7: one meter withheld for 24 hours: nothing is lost, and nobody else notices', async () => {
    const street = await Street.open({ meters: 4, dcIds: ['dc-1'] });
    const { meterId } = street.member(1).home;
    const from = MONDAY + 4 * HOUR;
    const withheld: { readonly kind: 'frame' | 'hello' | 'renewal'; readonly bytes: Buffer }[] = [];
    street.tampering.set('dc-1', {
      up: (output, who, now) => {
        if (who !== meterId || now < from || now >= from + DAY) return [...(who === meterId ? withheld.splice(0) : []), output];
        withheld.push(output);
        return [];
      },
    });
    await street.live(from + DAY - HOUR);
    const { fold } = await street.service.recorded();
    const newest = new Map([...fold.sorted()].map((reading) => [reading.meterId, reading.end * 1000]));
    for (const { home } of street.members)
      expect(newest.get(home.meterId)).toBe(home.meterId === meterId ? from - HOUR : from + DAY - HOUR);
    await street.live(from + DAY + 6 * HOUR);
    expect(await street.quiesce()).toBe(0);
    const { stored, measured } = await street.digests();
    expect(stored).toBe(measured);
    const { accepted, duplicate, quarantined } = await street.service.recorded();
    expect([accepted + duplicate, quarantined]).toEqual([street.published.frames, 0]);
    await street.close();
  });

  it('C10.1-8: a frame that crashes the handler (K6) is set aside alone, and the meter delivers its reading once more', async () => {
    const opener = new FrameOpener({ verifyTag: defencesUnderTest().frameTag });
    let poison: Buffer | undefined;
    const open: Pick<FrameOpener, 'open'> = {
      open: (bytes, offset, length, keys) => {
        if (poison !== undefined && bytes.subarray(offset, offset + length).equals(poison)) throw new TypeError('reading of undefined');
        return opener.open(bytes, offset, length, keys);
      },
    };
    const street = await Street.open({ meters: 100, dcIds: ['dc-1'], open });
    await street.live(MONDAY + 2 * HOUR);
    const { meterId } = street.member(57).home;
    street.tampering.set('dc-1', {
      up: (output, who) => {
        if (who === meterId && output.kind === 'frame') poison ??= output.bytes;
        return [output];
      },
    });
    const before = await street.service.recorded();
    await street.live(MONDAY + 3 * HOUR);
    const after = await street.service.recorded();
    expect([after.accepted - before.accepted, after.refusedByReason]).toEqual([99, { 'handler-fault': 1 }]);
    expect((await street.service.platform.queues.depth('telemetry-dlq')).visible).toBe(0);
    await street.live(MONDAY + 6 * HOUR);
    expect(await street.quiesce()).toBe(0);
    const { stored, measured } = await street.digests();
    expect(stored).toBe(measured);
    await street.close();
  });

  it('C8: authentic readings that end tomorrow, in 1970 or in 2106 are held, not counted, and acknowledged as held', async () => {
    const street = await Street.open({ meters: 1, dcIds: ['dc-1'] });
    const { meterId } = street.member(0).home;
    await street.live(MONDAY + 8 * HOUR);
    const before = await street.service.recorded();
    const tomorrow = (MONDAY + 8 * HOUR + DAY) / 1000;
    const ends = [tomorrow, 900, 0xffff_ffff - (0xffff_ffff % 900)];
    const frames = await Promise.all(
      ends.map((end, i) => {
        const reading = { flags: 0, channel: 0, end, minutes: 15, register: 5_000_000, head: Buffer.alloc(8), deltas: [500] };
        return street.sealAs(meterId, { kind: 'reading', ...reading }, 700 + i);
      }),
    );
    await street.inject('dc-1', frames);
    await street.service.settle();
    const after = await street.service.recorded();
    expect(after.refusedByReason).toEqual({ 'interval-future': 2, 'interval-too-old': 1 });
    expect([after.accepted, after.storedWh]).toEqual([before.accepted, before.storedWh]);
    await street.live(MONDAY + 24 * HOUR);
    const held = await heldSlots(street, meterId);
    expect(held).toEqual([tomorrow]);
    await street.live(MONDAY + 2 * DAY);
    expect(await street.quiesce()).toBe(0);
    const { stored, measured } = await street.digests();
    expect(stored).toBe(measured);
    await street.close();
  });
});

/** Interval ends, UTC seconds, that the latest acknowledgement names as held. */
async function heldSlots(street: Street, meterId: string): Promise<number[]> {
  const secret = await new EpochVault(street.service.platform.as('keys')).secret(meterId, 1);
  const { macDown } = epochKeys(secret!);
  const issued = (await street.service.events('segment/')).flatMap((event) =>
    event.type === 'DownlinksIssued' ? event.data.messages : [],
  );
  const latest = issued.findLast((message) => message.kind === 'ack' && message.meterId === meterId)!;
  const { body } = openDownlink(Buffer.from(latest.bytes), () => macDown);
  return decodeAck(body).channels.flatMap(({ end, held }) =>
    Array.from({ length: held.length * 8 }, (_, bit) => bit)
      .filter((bit) => (held[bit >>> 3]! >>> (bit & 7)) & 1)
      .map((bit) => end + (bit + 1) * 900),
  );
}
