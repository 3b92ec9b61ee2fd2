import fc from 'fast-check';
import type { DomainEvent } from '../../events/index.ts';
import { type Member, membersOf, withAt } from './members.ts';
import type { Fact, Facts, Silent } from './opened-proof.ts';

/** Days are what most of a proof rests on. */
const SECTIONS = ['bill', 'account', 'point', 'tariffs', 'days', 'days', 'days', 'days'] as const;
const HOUR = 3600;
const EDGES: readonly unknown[] = [
  ...[0, 1, -1, 0.5, 2, 255, 256, 65_792, 2 ** 31, 2 ** 32 - 1, 2 ** 40, 2 ** 53, NaN, Infinity, 1_792_882_800, 1_792_972_800_000],
  ...[
    '',
    '0',
    '1',
    '-1',
    'verified',
    'unsealed',
    'utility',
    'acc-home-2',
    'home-2',
    '2026-10-25',
    '2026-10-26',
    '2025-12-31',
    '0001-01-01',
    '9999-12-31',
    'Europe/Berlin',
  ],
  ...[null, undefined, true, false, [], {}, new Uint8Array(0), new Uint8Array(16)],
];
const NUDGES = [1, -1, 256, -256, HOUR, -HOUR, 86_400, -86_400, HOUR * 1000, -HOUR * 1000, 86_400_000, -86_400_000];

/** One change: of what in which of the facts, and how; every number counts round. */
export interface Change {
  readonly section: (typeof SECTIONS)[number];
  readonly fact: number;
  readonly event: number;
  readonly member: number;
  readonly how: 'edge' | 'nudge' | 'copy' | 'drop' | 'double' | 'event' | 'commit' | 'move';
  readonly with: number;
}

export const changes = (): fc.Arbitrary<readonly Change[]> =>
  fc.array(
    fc.record({
      section: fc.constantFrom(...SECTIONS),
      fact: fc.nat(7),
      event: fc.nat(7),
      member: fc.nat(4_095),
      how: fc.constantFrom('edge', 'edge', 'nudge', 'nudge', 'copy', 'drop', 'double', 'event', 'commit', 'move'),
      with: fc.nat(4_095),
    }) as fc.Arbitrary<Change>,
    { minLength: 1, maxLength: 3 },
  );

/** The facts, each change made in turn. */
export function changed(facts: Facts, made: readonly Change[]): Facts {
  let now = facts;
  for (const change of made) {
    const { section } = change;
    now = { ...now, [section]: section === 'bill' ? inFact(now.bill, change) : inSection(now[section], change) };
  }
  return now;
}

function inSection(section: readonly (Fact | Silent)[], change: Change): readonly (Fact | Silent)[] {
  const at = change.fact % Math.max(1, section.length);
  const fact = section[at];
  if (fact === undefined) return section;
  if (change.how === 'commit') return change.with % 2 === 0 ? section.toSpliced(at, 1) : section.toSpliced(at, 0, fact);
  if ('withheld' in fact) return section;
  return section.with(at, inFact(fact, change));
}

function inFact(fact: Fact, change: Change): Fact {
  // What was collected comes first, and all else is made of it.
  const at = change.event < 4 ? 0 : change.event % fact.events.length;
  const event = fact.events[at]!;
  // A commit records at least one event.
  const drops = change.with % 2 === 0 && fact.events.length > 1;
  if (change.how === 'event') return { ...fact, events: drops ? fact.events.toSpliced(at, 1) : fact.events.toSpliced(at, 0, event) };
  if (change.how === 'move' || change.how === 'commit') {
    const other = change.with % fact.events.length;
    return { ...fact, events: fact.events.with(at, fact.events[other]!).with(other, event) };
  }
  return { ...fact, events: fact.events.with(at, { ...event, data: inData(event.data, change) } as DomainEvent) };
}

function inData(data: object, { member, how, with: by }: Change): object {
  // What a tariff costs is the utility's to say.
  const members = [...membersOf(data)].filter(({ path }) => path.at(-1) !== 'document');
  // Columns of readings are few among many, and most of what can be charged.
  const columns = members.filter(({ value }) => value instanceof Uint8Array);
  const among = member % 2 === 0 || columns.length === 0 ? members : columns;
  const { path, value } = among[(member >> 1) % among.length]!;
  const parent = path.slice(0, -1);
  if (how === 'drop' || how === 'double')
    return withAt(data, parent, (whole) => {
      const key = path.at(-1)!;
      if (Array.isArray(whole)) return how === 'drop' ? whole.toSpliced(key as number, 1) : whole.toSpliced(key as number, 0, value);
      return Object.fromEntries(Object.entries(whole as object).filter(([name]) => how === 'double' || name !== key));
    }) as object;
  return withAt(data, path, () => otherThan(value, how, by, members)) as object;
}

function otherThan(value: unknown, how: Change['how'], by: number, members: readonly Member[]): unknown {
  if (value instanceof Uint8Array && value.length > 0 && by % 8 !== 0)
    return by % 4 === 1 ? listOf(value, by >> 3) : flipped(value, by >> 3);
  if (how === 'copy') {
    const alike = members.filter((one) => kindOf(one.value) === kindOf(value));
    return alike[by % alike.length]!.value;
  }
  const nudge = NUDGES[by % NUDGES.length]!;
  if (typeof value === 'number' && how === 'nudge') return value + nudge;
  if (typeof value === 'string' && /^-?\d+$/.test(value) && how === 'nudge') return String(BigInt(value) + BigInt(nudge));
  const alike = EDGES.filter((edge) => kindOf(edge) === kindOf(value));
  const among = by % 8 === 0 || alike.length === 0 ? EDGES : alike;
  return among[(by >> 3) % among.length];
}

function flipped(column: Uint8Array, by: number): Uint8Array {
  const bytes = Buffer.from(column);
  bytes[by % bytes.length]! ^= 1 << (by % 8);
  return bytes;
}

/** Numbers where bytes should be, one of them none that a byte can be. */
function listOf(column: Uint8Array, by: number): readonly number[] {
  return Array.from(column, (byte, i) => (i === by % column.length ? byte + [256, 65_536, 0.5, -1][by % 4]! : byte));
}

/** What passes for another of its kind is looked at longest. */
function kindOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value !== 'string') return Array.isArray(value) ? 'list' : typeof value;
  return /^\d{4}-/.test(value) ? 'date' : /^-?\d+$/.test(value) ? 'digits' : 'text';
}
