import { describe, expect, it } from 'vitest';
import { Concentrator } from '../../devices/concentrator/concentrator.ts';
import type { Link } from '../../devices/concentrator/link.ts';
import { MemorySpool } from '../../devices/concentrator/spool.ts';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { encodeParcel, readBatch } from '../../protocol/batch.ts';
import { PREFIX_BYTES } from '../../protocol/frame.ts';
import { EVENT_CODE } from '../../protocol/plaintext.ts';
import { T0 } from '../support/mdms.ts';
import { ENERGY_IMPORT, METER_ID, openedOf, rig, seeded, type TestRig } from '../support/meter-rig.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAYS = 9;

/** What somebody on the wire writes down: when, where, how long, and all of a frame that is not ciphertext. */
type Tapped = string;

/** A wire that is dead from hour 100 to 106, and loses every 9th batch's frames for the MDMS. */
function tappedLink(taps: Tapped[], clock: { now: number }): Link & { published: Buffer[]; down: (payload: Buffer) => void } {
  const link = {
    published: [] as Buffer[],
    down: (_payload: Buffer): void => {},
    onDown: (handler: (payload: Buffer) => void) => {
      link.down = handler;
    },
    publish: async (topic: string, payload: Buffer) => {
      const hour = (clock.now - T0) / HOUR;
      taps.push(`${clock.now} ${topic} ${payload.length} ${clearParts(topic, payload).join(' ')}`);
      if (hour >= 100 && hour < 106) throw new Error('line down');
      if (topic.includes('telemetry')) link.published.push(payload);
    },
  };
  return link;
}

function clearParts(topic: string, payload: Buffer): string[] {
  if (!topic.includes('telemetry')) return [];
  const batch = readBatch(payload);
  return Array.from({ length: batch.count }, (_, i) => {
    const at = batch.offset[i]!;
    return `${batch.sequence} ${batch.receivedAt[i]} ${batch.length[i]} ${payload.toString('hex', at, at + PREFIX_BYTES)}`;
  });
}

/** The MDMS side of an hour: opens what came but for the lost, then acknowledges and asks for what is missing. */
async function answer(r: TestRig, hour: number, batches: readonly Buffer[], down: (bytes: Buffer) => void): Promise<void> {
  const channels = [...r.options.asset.channels.keys()];
  for (const bytes of batches) {
    const batch = readBatch(bytes);
    if (batch.sequence % 9 === 0) continue;
    for (let i = 0; i < batch.count; i++) r.mdms.open(bytes.subarray(batch.offset[i]!, batch.offset[i]! + batch.length[i]!));
  }
  const epoch = r.mdms.opened.at(-1)?.epoch;
  if (epoch === undefined) return;
  down(r.mdms.ack(METER_ID, epoch, T0 / 1000, 15, [], channels.length));
  const missing = [];
  for (let end = T0 / 1000 + 900; end <= T0 / 1000 + (hour - 1) * 3600; end += 900) {
    for (const channel of channels) if (!r.mdms.slots.has(`${channel} ${end}`)) missing.push({ channel, from: end, to: end });
  }
  if (missing.length > 0) down(r.mdms.resend(METER_ID, epoch, missing.slice(0, 60)));
}

/**
 * Nine days of one meter: a reboot, hours without power, an outage of the line, lost batches, two epochs.
 * @param fedIn what a second channel measures; without it there is none
 */
async function tap(load: Load, readingsPerFrame: 1 | 4, fedIn?: Load): Promise<{ taps: Tapped[]; rig: TestRig }> {
  const clock = { now: T0 };
  const taps: Tapped[] = [];
  const importing = { ...ENERGY_IMPORT, dials: 6 };
  const exporting = { ...importing, obis: '1-0:2.8.0', direction: 'export' } as const;
  const channels = fedIn === undefined ? [importing] : [importing, exporting];
  const profile = new ProfileStore({ intervalMinutes: 15, channels });
  const asset = { intervalMinutes: 15, channels };
  const r = await rig({ random: seeded(42), nvram: new MemoryNvram(), profile, asset, readingsPerFrame });
  const link = tappedLink(taps, clock);
  const concentrator = new Concentrator({ dcId: 'tap-1', spool: new MemorySpool(), link, now: () => clock.now });
  const inbox: Buffer[] = [];
  concentrator.onDownlink = (_, bytes) => inbox.push(bytes);
  for (let slot = 1; slot <= DAYS * 96; slot++) {
    const dark = slot >= 200 && slot < 230;
    if (!dark) for (const [i, of] of [load, ...(fedIn ? [fedIn] : [])].entries()) r.meter.measure(i, T0 + slot * 15 * MINUTE, of(slot));
    if (slot === 130) r.meter.reboot();
    if (slot === 199) r.meter.reportEvent(EVENT_CODE.lastGasp, T0 + slot * 15 * MINUTE, 0);
    if (slot === 230) r.meter.reboot();
    for (const minutes of dark ? [] : [2, 7]) {
      clock.now = T0 + (slot * 15 + minutes) * MINUTE;
      for (const output of await r.meter.poll(clock.now)) {
        concentrator.accept(output, METER_ID);
        if (output.kind === 'hello') inbox.push((await r.mdms.answer(output.bytes, r.identityKey, clock.now))!);
      }
    }
    if (slot % 4 === 0) {
      await concentrator.flush();
      await answer(r, slot / 4, link.published.splice(0), (bytes) => {
        taps.push(`${clock.now} down ${bytes.length}`);
        link.down(encodeParcel([{ meterId: METER_ID, bytes }]));
      });
    }
    for (const bytes of inbox.splice(0)) await r.meter.receive(bytes, clock.now);
  }
  return { taps, rig: r };
}

type Load = (slot: number) => number;
const vacant = () => 0;
const lived = (slot: number) => (slot % 96 > 70 ? 900 + ((slot * 7919) % 60_000) : (slot * 31) % 40);
const sunny = (slot: number) => (slot % 96 > 40 && slot % 96 < 60 ? 100 + ((slot * 7919) % 900) : 0);

describe('what a tap sees', () => {
  it("T8.1-1: time, topic, length and clear header don't depend on use, with 1 and with 4 readings a frame", async () => {
    for (const readingsPerFrame of [1, 4] as const) {
      const [empty, full] = await Promise.all([tap(vacant, readingsPerFrame), tap(lived, readingsPerFrame)]);
      expect(full.taps).toEqual(empty.taps);
      expect(full.taps.length).toBeGreaterThan(DAYS * 24);
    }
  });

  it('T8.1-1: nor on whether a home feeds in, by day or ever: every channel leaves in every slot, nothing measured in it or not', async () => {
    for (const readingsPerFrame of [1, 4] as const) {
      const [never, byDay] = await Promise.all([tap(lived, readingsPerFrame, vacant), tap(lived, readingsPerFrame, sunny)]);
      expect(byDay.taps).toEqual(never.taps);
      for (const { rig: r } of [never, byDay]) {
        const sent = (of: number) => openedOf(r, 'reading').filter(({ channel, flags }) => channel === of && flags === 0);
        expect(sent(1).map(({ end }) => end)).toEqual(sent(0).map(({ end }) => end));
        expect(sent(1).length).toBeGreaterThan((DAYS * 96) / readingsPerFrame / 2);
      }
    }
  });

  it('the compared days hold what they claim: two epochs, resends, outage, last gasp, all readings delivered', async () => {
    const { rig: r } = await tap(lived, 4);
    expect(new Set(r.mdms.opened.map(({ epoch }) => epoch))).toEqual(new Set([1, 2]));
    const plains = r.mdms.opened.map(({ plain }) => plain);
    expect(plains.filter(({ kind, flags }) => kind === 'reading' && (flags & 1) === 1).length).toBeGreaterThan(20);
    expect(plains.filter((plain) => plain.kind === 'event' && plain.code === EVENT_CODE.lastGasp)).toHaveLength(1);
    expect(new Set(plains.map(({ kind }) => kind))).toEqual(new Set(['fin', 'reading', 'quality', 'event', 'seal']));
    const measured = [...r.meter.truth()].filter(({ end }) => end <= T0 + (DAYS * 24 - 3) * HOUR);
    expect(measured.filter(({ end, value }) => r.mdms.slots.get(`0 ${end / 1000}`) !== value)).toEqual([]);
  });

  it('an event leaves with the readings of its period, not when it happens; a last gasp at once', async () => {
    const r = await rig({ random: seeded(7), readingsPerFrame: 4 });
    const said: { minute: number; kinds: string[] }[] = [];
    for (let minute = 1; minute <= 6 * 60; minute++) {
      const now = T0 + minute * MINUTE;
      if (minute % 15 === 0) r.meter.measure(0, now, 5);
      if (minute === 200) r.meter.reportEvent(1, now, 0);
      if (minute === 280) r.meter.reportEvent(EVENT_CODE.lastGasp, now, 0);
      const kinds: string[] = [];
      for (const { kind, bytes } of await r.meter.poll(now)) {
        if (kind === 'hello') await r.meter.receive((await r.mdms.answer(bytes, r.identityKey, now))!, now);
        if (kind !== 'frame') continue;
        r.mdms.open(bytes);
        kinds.push(r.mdms.opened.at(-1)!.plain.kind);
      }
      if (kinds.includes('event')) said.push({ minute, kinds });
    }
    expect(said).toHaveLength(2);
    expect(said[0]!.minute).toBeGreaterThanOrEqual(240);
    expect(said[0]!.kinds).toContain('reading');
    expect(said[1]).toEqual({ minute: 280, kinds: ['event'] });
  });
});
