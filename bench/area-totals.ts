import { createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { addColumn, type LeafTotals, leafTotals } from '../lambdas/project/page-totals.ts';
import type { SlotReading } from '../lambdas/project/slot-readings.ts';
import { emptyPage, fillPage, pageOf, USAGE_PAGE } from '../lambdas/project/usage-page.ts';
import { type ItemAt, openValue, type StoredValue, sealValue } from '../platform/store/item-seal.ts';
import { HOME } from '../test/support/sealed-town.ts';
import { atMost, median, type Result } from './measure.ts';
import { randomFrom } from './random.ts';

const METERS_PER_PAGE = 500;
const DAY = 86_400;
const DAY_SLOTS = 96;
/** Pages of a segment and day, as the read model cuts it, and the slots of each. */
const PARTS = new Set(Array.from({ length: DAY_SLOTS }, (_, slot) => pageOf((slot + 1) * 900))).size;
const SLOTS = DAY_SLOTS / PARTS;
const LEAVES_PER_PAGE = 2;
/** Where the nonce ends, and how long the tag is. */
const [NONCE, TAG] = [12, 16];

interface Sealed {
  readonly at: ItemAt;
  readonly stored: StoredValue;
  readonly segment: number;
  readonly part: number;
}

/**
 * A day of so many meters, every quarter of an hour, from sealed pages of 500 meters to the sums of all leaves: opened, read, added up;
 * against nothing but opening the same bytes. Pages are those of the read model, in its format and of its hours.
 */
export async function areaTotals(meters: number, rounds: number): Promise<Result[]> {
  const { whole, ratio, bare } = measure(meters, rounds);
  const name = `a day of ${meters.toLocaleString('en')} meters to area totals`;
  return [
    atMost(name, whole, 'ms', 500),
    atMost(`${name}, to bare open`, ratio, 'ratio', 4),
    { name: 'bare open of the same pages', value: bare, unit: 'ms' },
  ];
}

function measure(meters: number, rounds: number): { readonly whole: number; readonly bare: number; readonly ratio: number } {
  const key = createSecretKey(randomBytes(32));
  const segments = meters / METERS_PER_PAGE;
  const pages = sealedDay(segments, key);
  const leafOf = Uint16Array.from({ length: METERS_PER_PAGE }, (_, row) => Math.floor((row * LEAVES_PER_PAGE) / METERS_PER_PAGE));
  const spent: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const totals = Array.from({ length: segments * PARTS }, () => leafTotals(LEAVES_PER_PAGE, SLOTS));
    const whole = timed(() => addUp(pages.sealed, totals, leafOf, key));
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

function addUp(pages: readonly Sealed[], totals: readonly LeafTotals[], leafOf: Uint16Array, key: Key): void {
  for (const { at, stored, segment, part } of pages) {
    const { columns } = USAGE_PAGE.read(openValue(at, stored, key));
    for (const column of columns) addColumn(totals[segment * PARTS + part]!, column, leafOf);
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

function sealedDay(segments: number, key: Key): { readonly sealed: readonly Sealed[]; readonly sum: number } {
  const random = randomFrom(7);
  const sealed: Sealed[] = [];
  let sum = 0;
  for (let segment = 0; segment < segments; segment++) {
    for (let part = 0; part < PARTS; part++) {
      const page = emptyPage();
      const begin = (part * DAY) / PARTS;
      const readings = readingsOf(begin, () => Math.floor(random() * 1_000));
      for (const { counts } of readings) sum += counts;
      fillPage(page, begin, readings);
      const upTo = { stream: `segment/${segment}`, version: part };
      const at = { table: 'usage-pages', partition: `segment/${segment}`, sort: String(part), upTo };
      sealed.push({ at, stored: sealValue(at, USAGE_PAGE.write(page), { keyId: 'bench', key }), segment, part });
    }
  }
  return { sealed, sum };
}

function readingsOf(begin: number, value: () => number): SlotReading[] {
  return Array.from({ length: METERS_PER_PAGE * SLOTS }, (_, i) => ({
    ...{ member: Math.floor(i / SLOTS), asset: HOME, channel: 0, minutes: 15, held: false },
    ...{ end: begin + ((i % SLOTS) + 1) * 900, counts: value() },
  }));
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
