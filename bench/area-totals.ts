import { createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { HOUR_PAGE, type HourPage } from '../lambdas/project/hour-page.ts';
import type { ItemKind } from '../lambdas/project/item-changes.ts';
import { addColumn, type LeafTotals, leafTotals } from '../lambdas/project/page-totals.ts';
import { type ItemAt, openValue, type StoredValue, sealValue } from '../platform/store/item-seal.ts';
import { atMost, median, type Result } from './measure.ts';
import { randomFrom } from './random.ts';

const METERS_PER_PAGE = 500;
const DAY_SLOTS = 96;
const LEAVES_PER_PAGE = 2;
/** Where the nonce ends, and how long the tag is. */
const [NONCE, TAG] = [12, 16];
const KIND = { channel: 0, minutes: 15, direction: 'import', unit: 'Wh', scale: 1, multiplier: 1 } as const;

/** A day of a segment's meters: the counts themselves, row by row. */
const DAY_PAGE: ItemKind<HourPage> = {
  write: ({ columns }) => Buffer.from(Uint8Array.from(new Uint8Array(columns[0]!.counts.buffer))),
  read: ({ buffer, byteOffset, length }) => {
    const counts = new Uint16Array(buffer as ArrayBuffer, byteOffset, length / 2);
    return { columns: [{ kind: KIND, counts, rows: METERS_PER_PAGE, held: [] }] };
  },
};

interface Sealed {
  readonly at: ItemAt;
  readonly stored: StoredValue;
  readonly segment: number;
  readonly part: number;
}

/**
 * A day of so many meters, every quarter of an hour, from sealed pages of 500 meters to the sums of all leaves: opened, read, added up;
 * against nothing but opening the same bytes. Of a page for a day of a segment, and of one for each hour, as the read model has them.
 */
export async function areaTotals(meters: number, rounds: number): Promise<Result[]> {
  const [day, hours] = [measure(meters, rounds, 1), measure(meters, rounds, 24)];
  const name = `a day of ${meters.toLocaleString('en')} meters to area totals`;
  return [
    atMost(name, day.whole, 'ms', 500),
    atMost(`${name}, to bare open`, day.ratio, 'ratio', 4),
    { name: 'bare open of the same pages', value: day.bare, unit: 'ms' },
    { name: `${name}, from hour pages`, value: hours.whole, unit: 'ms' },
    { name: 'bare open of the same hour pages', value: hours.bare, unit: 'ms' },
  ];
}

/** @param parts pages of a segment and day */
function measure(meters: number, rounds: number, parts: number): { readonly whole: number; readonly bare: number; readonly ratio: number } {
  const key = createSecretKey(randomBytes(32));
  const segments = meters / METERS_PER_PAGE;
  const slots = DAY_SLOTS / parts;
  const pages = sealedDay(segments, parts, key);
  const leafOf = Uint16Array.from({ length: METERS_PER_PAGE }, (_, row) => Math.floor((row * LEAVES_PER_PAGE) / METERS_PER_PAGE));
  const spent: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const totals = Array.from({ length: segments * parts }, () => leafTotals(LEAVES_PER_PAGE, slots));
    const whole = timed(() => addUp(pages.sealed, totals, leafOf, parts, key));
    const opened = timed(() => openAll(pages.sealed, key));
    check(totals, pages.sum, meters);
    // The engine compiles in the first round.
    if (round > 0) {
      spent.push(whole);
      bare.push(opened);
    }
  }
  return { whole: median(spent), bare: median(bare), ratio: median(spent.map((ms, i) => ms / bare[i]!)) };
}

type Key = ReturnType<typeof createSecretKey>;

function addUp(pages: readonly Sealed[], totals: readonly LeafTotals[], leafOf: Uint16Array, parts: number, key: Key): void {
  for (const { at, stored, segment, part } of pages) {
    const { columns } = (parts === 1 ? DAY_PAGE : HOUR_PAGE).read(openValue(at, stored, key));
    for (const column of columns) addColumn(totals[segment * parts + part]!, column, leafOf);
  }
}

/** Without what the tag covers besides, which is some 100 bytes. */
function openAll(pages: readonly Sealed[], key: Key): void {
  for (const { stored } of pages) {
    const { bytes } = stored;
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
    decipher.update(bytes.subarray(NONCE, bytes.length - TAG));
  }
}

function sealedDay(segments: number, parts: number, key: Key): { readonly sealed: readonly Sealed[]; readonly sum: number } {
  const random = randomFrom(7);
  const counts = new Uint16Array((METERS_PER_PAGE * DAY_SLOTS) / parts);
  const sealed: Sealed[] = [];
  let sum = 0;
  for (let segment = 0; segment < segments; segment++) {
    for (let part = 0; part < parts; part++) {
      for (let i = 0; i < counts.length; i++) {
        counts[i] = Math.floor(random() * 1_000);
        sum += counts[i]!;
      }
      const page = { columns: [{ kind: KIND, counts, rows: METERS_PER_PAGE, held: [] }] };
      const value = (parts === 1 ? DAY_PAGE : HOUR_PAGE).write(page);
      const upTo = { stream: `segment/${segment}`, version: part };
      const at = { table: 'usage-pages', partition: `segment/${segment}`, sort: String(part), upTo };
      sealed.push({ at, stored: sealValue(at, value, { keyId: 'bench', key }), segment, part });
    }
  }
  return { sealed, sum };
}

function check(totals: readonly LeafTotals[], sum: number, meters: number): void {
  const energy = totals.reduce((all, { energyWh }) => all + energyWh.reduce((a, b) => a + b, 0), 0);
  const homes = totals.reduce((all, { measured }) => all + measured.reduce((a, b) => a + b, 0), 0);
  if (energy !== sum || homes !== meters * DAY_SLOTS) throw new Error('benchmark: totals are not the sum of the readings');
}

/** Processor time of one core, ms. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
