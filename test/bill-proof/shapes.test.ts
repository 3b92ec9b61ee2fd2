import { describe, expect, it } from 'vitest';
import { checkShapes } from '../../bin/proof/shapes/shape.ts';
import { decodeEvents, encodeEvents } from '../../events/codec.ts';
import type { DomainEvent } from '../../events/index.ts';
import { ACCOUNT, BILL, METER_DAY, TARIFF, USAGE_POINT } from './honest-events.ts';
import { membersOf, type Path, withAt } from './members.ts';

const KINDS = [
  ['bill/acc-1/up-1.2026-10-24', BILL],
  ['meterday/00124b0000000001/2026-10-24', METER_DAY],
  ['account/acc-1', ACCOUNT],
  ['usagepoint/up-1', USAGE_POINT],
  ['tariff/bands', TARIFF],
] as const;
const EVENTS = KINDS.flatMap(([stream, kind]) => Object.entries(kind).map(([type, data]) => [stream, type, data as object] as const));

/** Members that a type can be without; where it can't in one place it has the name of the place before it. */
const OPTIONAL = new Set([
  ...['rated', 'priceMicro', 'corrects', 'lines.from', 'lines.until', 'importWh', 'exportWh', 'withDemand', 'maximumWh', 'carriedWh'],
  ...['carriedMicro', 'spans', 'findings', 'basis', 'billedMicro', 'approvedBy', 'demandApprovedBy', 'BillComputed.reason', 'since'],
  ...['registerAfter', 'offGrid', 'undoes', 'word', 'meterClass', 'spans.until', 'meters.until', 'MoveRead.by', 'series'],
]);
/** Where the same name is one that must be there. */
const DUE = new Set(['TenancyAmended.spans', 'PointStated.spans', 'UsagePointOpened.meterClass', 'TenancyCorrected.since']);
/** Of clerks and other systems, which no check prints. */
const WORDS = new Set(['reason', 'note', 'inputs', 'document', 'premises']);
const FRACTIONS = new Set(['scale', 'multiplier', 'fuseW', 'perCount', 'energyWh']);
const DATES = new Set(['day', 'from', 'until', 'chargeableFrom']);
const INTEGER = /(Wh|Micro|quantity|peak)$/;
const HIDING = [...['  lines', 'x'.repeat(200)], '\u001b[8m', '\n', '\u009b1A', '\u200b', '\u202e', '\u2066', '\ufeff', '\u3164', '\u2028'];

const text = (words: string) => Buffer.concat([Buffer.of(0x60 + words.length), Buffer.from(words)]);
/** A span that is named (tag 28), and its name in the place of another (tag 29). */
const TWICE = Buffer.concat([
  ...[Buffer.of(0x81, 0x83), text('TenancyAmended'), Buffer.of(0x01, 0xa3), text('usagePoint'), text('up'), text('spans')],
  ...[Buffer.of(0x82, 0xd8, 28, 0xa1), text('from'), Buffer.of(0x01, 0xd8, 29, 0x00), text('at'), Buffer.of(0x01)],
]);

/** What no such member may be. */
function wrongOf(value: unknown, name: string): readonly unknown[] {
  if (value instanceof Uint8Array) return [null, Array.from(value), 'text', { ...value }];
  if (Array.isArray(value)) return [null, {}, 'text', { ...value, length: value.length }, [...value, null]];
  if (typeof value === 'object') return [null, [], 'text', { ...value, more: 1 }];
  if (typeof value === 'boolean') return [null, 1, 'true', ...(name === 'offGrid' ? [false] : [])];
  if (typeof value === 'number')
    return [null, 'text', String(value), [value], 1n, NaN, Infinity, -0, ...(FRACTIONS.has(name) ? [] : [1.5])];
  const shown = WORDS.has(name) ? [] : HIDING.map((hiding) => `${value}${hiding}`);
  const dates = DATES.has(name) ? ['2026-02-30', '20261024', ''] : [];
  const integers = INTEGER.test(name) ? ['1.5', '01', '-0', '0x10', ' 1', ''] : [];
  return [null, 7, ['text'], Buffer.from('text'), ...shown, ...dates, ...integers];
}

function nameOf(path: Path): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}

function without(whole: unknown, path: Path): unknown {
  return withAt(whole, path.slice(0, -1), (parent) => {
    const { [path.at(-1)!]: _gone, ...rest } = parent as Record<string | number, unknown>;
    return rest;
  });
}

function isOptional(type: string, path: Path): boolean {
  const [place, name] = [type, ...path.filter((part) => typeof part === 'string')].slice(-2) as [string, string];
  if (DUE.has(`${place}.${name}`) || (place === 'spans' && !/Tenancy|Point/.test(type))) return false;
  return OPTIONAL.has(name) || OPTIONAL.has(`${place}.${name}`) || name === 'peak';
}

const check = (stream: string, type: string, data: unknown) => checkShapes({ stream, version: 5 }, [{ type, data } as DomainEvent]);
const refused = (fault: string, message: RegExp) => expect.objectContaining({ check: fault, message: expect.stringMatching(message) });

describe('an event of a proof', () => {
  it.each(EVENTS)('R9.2-2: of %s is taken as it was recorded: %s', (stream, type, data) => {
    const recorded = decodeEvents(encodeEvents([{ type, data } as DomainEvent]));
    expect(() => checkShapes({ stream, version: 0 }, recorded)).not.toThrow();
  });

  it.each(EVENTS)('R9.2-2, C10.1-7: of %s is refused with any member of another kind: %s', (stream, type, data) => {
    for (const { path, value } of membersOf(data)) {
      for (const wrong of wrongOf(value, nameOf(path))) {
        const told = `${type} ${path.join('.')}: ${JSON.stringify(wrong, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))}`;
        const changed = withAt(data, path, () => wrong);
        expect(() => check(stream, type, changed), told).toThrow(
          refused('shape', new RegExp(`^${stream}: ${type}, at version 5, [ -~]+$`)),
        );
      }
    }
  });

  it.each(EVENTS)(
    'R9.2-2, C10.1-7: of %s is refused with a member more, and with one less but for those it can be without: %s',
    (stream, type, data) => {
      expect(() => check(stream, type, { ...data, more: 1 })).toThrow(refused('shape', /the shape of its kind$/));
      for (const { path, value } of membersOf(data)) {
        if (typeof path.at(-1) === 'number') continue;
        const less = () => check(stream, type, without(data, path));
        const told = `${type} ${path.join('.')}`;
        if (isOptional(type, path)) expect(less, told).not.toThrow();
        else expect(less, told).toThrow(refused('shape', new RegExp(`at ${path.join('\\.')}$`)));
        expect(value, told).toBeDefined();
        expect(
          () =>
            check(
              stream,
              type,
              withAt(data, path, () => undefined),
            ),
          told,
        ).toThrow(refused('shape', /shape of its kind/));
      }
    },
  );

  it('R9.2-2, C10.1-7: is refused with a part of an entry in its columns', () => {
    const { channels, ...rest } = METER_DAY.ReadingsCollected;
    const cut = (name: 'records' | 'annotations' | 'heads') => ({
      ...rest,
      channels: [{ ...channels[0]!, [name]: channels[0]![name].subarray(1) }],
    });
    for (const name of ['records', 'annotations', 'heads'] as const)
      expect(() => check(KINDS[1][0], 'ReadingsCollected', cut(name))).toThrow(refused('shape', new RegExp(`at channels\\.0\\.${name}$`)));
  });

  const { ReadingsCollected: collected } = METER_DAY;
  const framed = (more: object) => ({ ...collected, frame: { ...collected.frame, ...more } });
  const { start } = collected.frame;
  const issued = BILL.BillComputed;
  const unread = (more: object) => ({ ...issued, basis: { ...issued.basis!, unread: [{ ...issued.basis!.unread[0]!, ...more }] } });
  const period = (from: string, until: string) => ({ ...issued, period: { ...issued.period, from, until } });

  it.each([
    [
      'a channel that no meter has',
      METER_DAY,
      'ReadingsCollected',
      { ...collected, channels: [{ ...collected.channels[0]!, channel: 256 }] },
    ],
    ['a day of weeks', METER_DAY, 'ReadingsCollected', framed({ end: start + 172_801 })],
    ['a day that ends as it begins', METER_DAY, 'ReadingsCollected', framed({ end: start })],
    ['intervals of no time', METER_DAY, 'ReadingsCollected', framed({ minutes: 0 })],
    ['intervals of no time, in a day that was not final', BILL, 'BillComputed', unread({ minutes: 0, slots: 100_000_000 })],
    ['a period of more than ten years', BILL, 'BillComputed', period('2016-10-15', '2026-10-24')],
    [
      'more seals than a meter makes',
      METER_DAY,
      'ReadingsCollected',
      { ...collected, seals: Array.from({ length: 65 }, () => new Uint8Array(1)) },
    ],
    ['a period that is none', BILL, 'BillComputed', period('2026-10-24', '2026-10-24')],
  ] as const)('R9.2-2, C10.1-7: is refused with what a reader would walk along without an end: %s', (_what, kind, type, data) => {
    const [stream] = KINDS.find(([, one]) => one === kind)!;
    expect(() => check(stream, type, data)).toThrow(refused('shape', /the shape of its kind at /));
  });

  it('R9.2-2, C10.1-7: of a usage point is refused without a zone, which would pass for one that is not shown', () => {
    const opened = { ...USAGE_POINT.UsagePointOpened, zone: '' };
    expect(() => check('usagepoint/up-1', 'UsagePointOpened', opened)).toThrow(refused('shape', /at zone$/));
  });

  it('R9.2-2, C10.1-7: is refused in the history of a day that was sealed again', () => {
    const { history, ...rest } = METER_DAY.DayResealed;
    const [collected] = history as [(typeof history)[number]];
    const again = (event: unknown) => () => check(KINDS[1][0], 'DayResealed', { ...rest, history: [event] });
    expect(again({ ...collected, data: { ...collected.data, at: NaN } })).toThrow(refused('shape', /at history\.0\.data\.at$/));
    expect(again({ ...collected, type: 'BillHoldEnded' })).toThrow(refused('shape', /at history\.0\.type$/));
    expect(again({ type: 'DayResealed', data: { ...rest, frame: { ...rest.frame }, history: [{ ...collected, more: 1 }] } })).toThrow(
      refused('shape', /at history\.0\.data\.history\.0$/),
    );
  });
});

describe('an event in a stream of another kind', () => {
  it('R9.2-2, C10.1-7: is refused', () => {
    for (const [stream] of KINDS)
      for (const [own, type, data] of EVENTS)
        if (own !== stream)
          expect(() => check(stream, type, data)).toThrow(refused('streams', /at version 5 is of another kind than the stream/));
  });

  it('R9.2-2, C10.1-7: is refused, also where nobody knows its type, and its type is not told', () => {
    const said = () => check('tariff/bands', 'Tariff\u001b[8m', TARIFF.TariffPublished);
    expect(said).toThrow(refused('streams', /^tariff\/bands: the event at version 5 is of another kind than the stream$/));
  });

  it('R9.2-2, C10.1-7: is refused where no bill rests on such streams', () => {
    expect(() => check('segment/00000', 'TenancyCut', USAGE_POINT.TenancyCut)).toThrow(
      refused('streams', /no bill rests on such a stream/),
    );
    expect(() => check('constructor/a', 'TenancyCut', USAGE_POINT.TenancyCut)).toThrow(
      refused('streams', /no bill rests on such a stream/),
    );
  });

  it('R9.2-2: is named by its own version where it is not the first of its commit', () => {
    const events = [
      { type: 'AccountOpened', data: ACCOUNT.AccountOpened },
      { type: 'AccountClosed', data: { at: '1' } },
    ] as unknown as DomainEvent[];
    expect(() => checkShapes({ stream: 'account/acc-1', version: 0 }, events)).toThrow(
      refused('shape', /AccountClosed, at version 1, .* at at$/),
    );
  });
});

describe('a value of whoever wrote it', () => {
  it('R9.2-2, C10.1-7: is not told, nor is the name that it was given', () => {
    const basis = { ...BILL.BillComputed.basis!, broughtWh: { 'peak\u001b[8m': '1' } };
    expect(() => check(KINDS[0][0], 'BillComputed', { ...BILL.BillComputed, basis })).toThrow(refused('shape', /at basis\.broughtWh\.\?$/));
  });

  it('R9.2-2, C10.1-7: is refused where it stands in two places, or in itself', () => {
    const twice = decodeEvents(TWICE);
    expect(twice).toEqual([{ type: 'TenancyAmended', data: { usagePoint: 'up', spans: [{ from: 1 }, { from: 1 }], at: 1 } }]);
    expect(() => checkShapes({ stream: 'account/acc-1', version: 0 }, twice)).toThrow(refused('shape', /has one value in two places/));
    const { history, ...rest } = METER_DAY.DayResealed;
    const endless = { ...rest, history: [...history] };
    endless.history.push({ type: 'DayResealed', data: endless });
    expect(() => check(KINDS[1][0], 'DayResealed', endless)).toThrow(refused('shape', /has one value in two places/));
  });
});
