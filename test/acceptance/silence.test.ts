import { createHash, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MeterOutput } from '../../devices/meter/output.ts';
import { decodeResend, openDownlink } from '../../protocol/downlink.ts';
import type { Tampering } from './block.ts';
import { DAY, HOUR, MONDAY, Street } from './street.ts';

/** Virtual time from a slot's end to the request for it, at most: two frame periods and what a spool may hold. */
const SPOOL = 72 * HOUR;
const ANY_KEY = createSecretKey(Buffer.alloc(32, 1));

/** The same luck in every run. */
function luck(...what: (string | number)[]): number {
  return createHash('sha256').update(what.join(' ')).digest().readUInt32BE() / 2 ** 32;
}

/** Drops, forges, holds back the newest, and does the same to what comes down. */
class Thief implements Tampering {
  /** Frames it sent that no meter made. */
  forged = 0;
  dropped = 0;
  honest = false;
  readonly #silenced: ReadonlySet<string>;
  readonly #from: number;
  #n = 0;

  /** @param silenced meters whose frames it withholds altogether @param from UTC ms */
  constructor(silenced: ReadonlySet<string>, from: number) {
    this.#silenced = silenced;
    this.#from = from;
  }

  up(output: MeterOutput, meterId: string, now: number): MeterOutput[] {
    if (this.honest || output.kind !== 'frame' || now < this.#from) return [output];
    if (this.#silenced.has(meterId)) return [];
    const n = this.#n++;
    if (luck('drop', n) < 0.1) {
      this.dropped++;
      return luck('replace', n) < 0.5 ? [this.#forgery(output.bytes, n)] : [];
    }
    return luck('forge', n) < 0.05 ? [output, this.#forgery(output.bytes, n)] : [output];
  }

  down(meterId: string, bytes: Buffer, now: number): { meterId: string; bytes: Buffer }[] {
    if (this.honest || now < this.#from) return [{ meterId, bytes }];
    const n = this.#n++;
    const heard = luck('withhold', n) < 0.4 ? [] : [{ meterId, bytes }];
    if (luck('forge down', n) >= 0.3) return heard;
    const forged = Buffer.from(bytes);
    forged[Math.floor(luck('where', n) * forged.length)]! ^= 1 << Math.floor(luck('bit', n) * 8);
    return [{ meterId, bytes: forged }, ...heard];
  }

  /** Another energy in the frame of a true one: what AES-GCM without its tag would let pass. */
  #forgery(frame: Buffer, n: number): MeterOutput {
    this.forged++;
    const bytes = Buffer.from(frame);
    bytes[33 + 24 + 2 * Math.floor(luck('slot', n) * 4)]! ^= 0x15;
    return { kind: 'frame', bytes };
  }
}

interface Asked {
  readonly meterId: string;
  readonly at: number;
  readonly spans: readonly { channel: number; from: number; to: number }[];
}

async function requests(street: Street): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const event of await street.service.events('segment/')) {
    if (event.type !== 'DownlinksIssued') continue;
    for (const { kind, meterId, bytes } of event.data.messages) {
      if (kind !== 'resend') continue;
      const { body } = openDownlink(Buffer.from(bytes), () => ANY_KEY, { verifyMac: false });
      asked.push({ meterId, at: event.data.at, spans: decodeResend(body).spans });
    }
  }
  return asked;
}

async function stored(street: Street): Promise<Set<string>> {
  const { fold } = await street.service.recorded();
  return new Set([...fold.sorted()].map(({ meterId, end }) => `${meterId} ${end}`));
}

describe('true data blocked, false data sent', () => {
  it('T8.1-2: a concentrator drops, forges and withholds, acknowledgements too: every forgery refused, every gap asked for in time, nothing lost after the swap', async () => {
    const street = await Street.open({ meters: 10, dcIds: ['dc-1'] });
    const silenced = new Set([0, 1].map((index) => street.member(index).home.meterId));
    const thief = new Thief(silenced, MONDAY + 12 * HOUR);
    street.tampering.set('dc-1', thief);
    const end = MONDAY + 4 * DAY;
    const missingAt = new Map<number, Set<string>>();
    for (let at = MONDAY + 6 * HOUR; at <= end; at += 6 * HOUR) {
      await street.live(at);
      missingAt.set(at, await stored(street));
    }
    const tally = await street.service.recorded();
    expect(thief.forged).toBeGreaterThan(30);
    expect(thief.dropped).toBeGreaterThan(60);
    expect(tally.quarantined).toBe(thief.forged);
    expect(tally.accepted + tally.duplicate + tally.quarantined).toBe(street.published.frames);
    await everyGapAskedFor(street, missingAt, end);
    for (const meterId of silenced) expect(await shortestPause(street, meterId)).toBeGreaterThanOrEqual(4 * HOUR);
    thief.honest = true;
    expect(await street.quiesce()).toBe(0);
    const { stored: there, measured } = await street.digests();
    expect(there).toBe(measured);
    await street.close();
  });
});

describe('the silence watch', () => {
  it('T8.1-2: a silent meter is asked over every concentrator it is assigned to, and obeys; one that never spoke is left alone', async () => {
    const street = await Street.open({ meters: 3, relaysOf: (index) => (index === 1 ? ['dc-2'] : ['dc-1', 'dc-2']) });
    const [silent, , unborn] = street.members.map(({ home }) => home.meterId);
    street.offline.add(unborn!);
    await street.live(MONDAY + 4 * HOUR);
    const mute: Tampering = { up: (_output, meterId) => (meterId === silent ? [] : [_output]) };
    for (const dcId of street.dcIds) street.tampering.set(dcId, mute);
    await street.live(MONDAY + 3 * DAY + 10 * HOUR);
    const events = await street.service.events('segment/');
    const asked = events
      .flatMap((event) => (event.type === 'DownlinksIssued' ? event.data.messages : []))
      .filter(({ kind }) => kind === 'resend');
    expect(new Set(asked.map(({ meterId, dcId }) => `${meterId} ${dcId}`))).toEqual(new Set([`${silent} dc-1`, `${silent} dc-2`]));
    expect(new Set(asked.map(({ dnSeq }) => dnSeq)).size).toBe(asked.length);
    street.tampering.clear();
    street.offline.clear();
    await street.live(street.measuredTo + 6 * HOUR);
    expect(await street.quiesce()).toBe(0);
    const { stored: there, measured } = await street.digests();
    expect(there).toBe(measured);
    await street.close();
  });
});

/** Gaps that two newer frames have overtaken are asked for at the next look; what nothing newer follows, before its spool time is over. */
async function everyGapAskedFor(street: Street, missingAt: ReadonlyMap<number, ReadonlySet<string>>, end: number): Promise<void> {
  const asked = await requests(street);
  let gaps = 0;
  for (const [at, there] of missingAt) {
    for (const { home } of street.members) {
      for (let slot = at - 6 * HOUR + street.minutes * 60_000; slot <= at - 2 * street.period; slot += street.minutes * 60_000) {
        if (there.has(`${home.meterId} ${slot / 1000}`)) continue;
        const by = slot + 2 * street.period + SPOOL;
        if (by > end) continue;
        gaps++;
        const request = asked.find(({ meterId, at: then, spans }) => meterId === home.meterId && then <= by && covers(spans, slot / 1000));
        expect(request, `${home.meterId} ${new Date(slot).toISOString()}`).toBeDefined();
      }
    }
  }
  expect(gaps).toBeGreaterThan(50);
}

function covers(spans: Asked['spans'], end: number): boolean {
  return spans.some(({ from, to }) => from <= end && end <= to);
}

/** Virtual time between two requests to one meter, at least; there must be several. */
async function shortestPause(street: Street, meterId: string): Promise<number> {
  const times = (await requests(street)).filter((request) => request.meterId === meterId).map(({ at }) => at);
  expect(times.length).toBeGreaterThan(2);
  return Math.min(...times.slice(1).map((at, i) => at - times[i]!));
}
