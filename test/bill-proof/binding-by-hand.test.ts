import { describe, expect, it } from 'vitest';
import type { ShownStream } from '../../bin/proof/binding-streams.ts';
import { checkBinding } from '../../bin/proof/proven-binding.ts';
import type { BilledDay } from '../../bin/proof/proven-days.ts';
import type { BillComputed, Channel, DayFrame, DomainEvent, UnreadDay } from '../../events/index.ts';
import { ASSET } from '../subjects/given.ts';
import { METER, openedAt, statement } from './said.ts';

const SINCE = Date.UTC(2026, 9, 23, 23);
const HOUR = 3_600_000;
const BEFORE = { multipliers: [], tariffs: [{ tariff: 'bands', from: '2026-01-01' }], at: SINCE };
/** The second day, UTC s, when it was recorded and when the bill was, UTC ms. */
const [BEGIN, END] = [Date.UTC(2026, 9, 24, 23) / 1000, Date.UTC(2026, 9, 26) / 1000];
const [RECORDED, BILLED] = [Date.UTC(2026, 9, 27), Date.UTC(2026, 10, 2)];
const { period } = statement();
const [ACCOUNT, POINT] = [`account/${period.accountId}`, `usagepoint/${period.usagePoint}`];

type Said = readonly [event: DomainEvent, recordedAt: number];
const worth = (multiplier: number): DomainEvent => {
  const data = { meterId: METER, channel: 0, multiplier, validFrom: SINCE, reason: 'r', by: 'c', at: SINCE };
  return { type: 'MultiplierCorrected', data };
};
const assigned = (tariff: string, from = '2026-01-01'): DomainEvent => ({ type: 'TariffAssigned', data: { tariff, from, at: SINCE } });
const removedAt = (until: number): DomainEvent => ({ type: 'MeterRemoved', data: { meterId: METER, until, registers: [], at: until } });

/** The home as it begins, with these channels of its meter. */
function begun(channels: readonly Channel[] = ASSET.channels): readonly Said[] {
  const { usagePoint } = period;
  const opened = { usagePoint, premises: 'p', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential', at: SINCE } as const;
  return [
    [{ type: 'UsagePointOpened', data: opened }, SINCE],
    [{ type: 'MeterInstalled', data: { meterId: METER, from: SINCE, asset: { ...ASSET, channels }, registers: [], at: SINCE } }, SINCE],
    [{ type: 'TenancyCut', data: { subject: period.accountId, from: SINCE, at: SINCE } }, SINCE],
    [assigned('bands'), SINCE],
  ];
}

function streamOf(stream: string, said: readonly Said[]): ShownStream {
  const opened = said.map(([event, recordedAt], version) => openedAt(stream, version, [event], recordedAt));
  return { stream, opened, withheld: [], last: said.length - 1 };
}

const TENANT: readonly Said[] = [
  [{ type: 'AccountOpened', data: { accountId: period.accountId, at: SINCE } }, SINCE],
  [{ type: 'TenancyStarted', data: { usagePoint: period.usagePoint, from: SINCE, at: SINCE } }, SINCE],
];

/** The second day alone, which is all that is charged. */
function bill(more: Partial<BillComputed> = {}, unread: readonly UnreadDay[] = []): BillComputed {
  const said = statement({
    period: { ...period, from: '2026-10-25', until: '2026-10-26' },
    spans: [{ from: BEGIN, until: END }],
    tariffs: [{ tariff: 'bands', version: 1, from: '2026-01-01' }],
    basis: { unread },
  });
  return { ...said, revision: 1, at: BILLED, ...more };
}

function day(perCount = 1, recordedAt = RECORDED, frame: Partial<DayFrame> = {}): BilledDay {
  const own = { usagePoint: period.usagePoint, meterId: METER, day: '2026-10-25', part: 1, zone: 'Europe/London', start: BEGIN, end: END };
  const channels = [{ asset: ASSET.channels[0], perCount }];
  const state = { frame: { ...own, ...frame }, channels } as unknown as BilledDay['state'];
  return { stream: `meterday/${METER}/2026-10-25`, state, recordedAt };
}

interface Shown {
  readonly issued?: BillComputed;
  readonly days?: readonly BilledDay[];
  readonly account?: Partial<ShownStream>;
  readonly point?: Partial<ShownStream>;
  readonly begin?: readonly Said[];
}

/** What rests on the utility's word, with this said of the usage point beside how it begins. */
function found(more: readonly Said[], { issued = bill(), days = [day()], account, point, begin = begun() }: Shown = {}) {
  const streams = {
    account: { ...streamOf(ACCOUNT, TENANT), ...account },
    point: { ...streamOf(POINT, [...begin, ...more]), ...point },
  };
  return checkBinding(issued, BILLED, days, streams).onWord;
}

const DAY = day().stream;

describe('what account and usage point say of a bill', () => {
  it('R9.2-2: is all that there is to say where they say the same', () => {
    expect(found([])).toEqual([]);
  });

  it('R9.2-2: what a count was worth when the day was recorded is told, where the usage point said otherwise before the bill and since', () => {
    expect(found([[worth(10), BILLED - 1]])).toEqual([{ about: DAY, why: 'amended' }]);
  });

  it('R9.2-2, C10.1-7: what a count was worth when the day was recorded after the bill shows nothing of the bill', () => {
    const said: Said[] = [
      [worth(10), BILLED + 1],
      [worth(1), BILLED + 3],
    ];
    expect(() => found(said, { days: [day(10, BILLED + 2)] })).toThrow(/its counts are worth something else/);
  });

  it('R9.2-2, C10.1-7: a tariff that was assigned after a bill that was rated again, and taken back, is none of before', () => {
    const said: Said[] = [
      [assigned('dear'), BILLED + 1],
      [assigned('bands'), BILLED + 2],
    ];
    const issued = bill({ revision: 2, tariffs: [{ tariff: 'dear', version: 1, from: '2026-01-01' }] });
    expect(() => found(said, { issued })).toThrow(/tariff dear is not that of home-1/);
  });

  it('R9.2-2, C10.1-7: a tariff of one charged day and not of the next is refused', () => {
    const issued = bill({ period: { ...period, from: '2026-10-25', until: '2026-10-27' }, spans: [{ from: BEGIN, until: END + 86_400 }] });
    expect(() => found([[assigned('dear', '2026-10-26'), SINCE]], { issued })).toThrow(/tariff bands is not that of home-1 on every day/);
  });

  it('R9.2-2, C10.1-7: a day that begins before what is charged, or ends after it, is refused', () => {
    for (const frame of [{ start: BEGIN - 3_600 }, { end: END + 3_600 }])
      expect(() => found([], { days: [day(1, RECORDED, frame)] })).toThrow(/the day is not of the time that is charged/);
  });

  it('R9.2-2: a meter of which nothing is counted is told, whether it hung there by what was said then or by what is said now', () => {
    const about = expect.stringMatching(/^meter other, /);
    const other = (type: 'MeterInstalled' | 'MeterRemoved', at: number): Said => {
      const named = { meterId: 'other', registers: [], at: SINCE };
      if (type === 'MeterInstalled') return [{ type, data: { ...named, from: SINCE, asset: ASSET } }, at];
      return [{ type, data: { ...named, until: SINCE + HOUR } }, at];
    };
    const told = [{ about, why: 'uncovered' }];
    expect(found([other('MeterInstalled', BILLED + 1)])).toEqual(told);
    expect(found([other('MeterInstalled', SINCE), other('MeterRemoved', BILLED + 1)])).toEqual(told);
    expect(found([other('MeterInstalled', SINCE), other('MeterRemoved', SINCE)])).toEqual([]);
  });
});

describe('channels of a day that was not final', () => {
  const unread = (channel: Partial<Channel>): UnreadDay => {
    const channels = [{ ...ASSET.channels[0]!, ...channel }];
    return { stream: DAY, day: '2026-10-25', start: BEGIN, slots: 100, minutes: 15, channels };
  };

  it.each<[string, Partial<Channel>]>([
    ['of another register', { obis: '1-0:1.8.1' }],
    ['of another direction', { direction: 'export' }],
    ['in another unit', { unit: 'VAh' }],
  ])('R9.2-2, C10.1-7: %s than its meter’s are refused', (_what, channel) => {
    expect(found([], { issued: bill({}, [unread({})]), days: [] })).toEqual([{ about: DAY, why: 'unread' }]);
    expect(() => found([], { issued: bill({}, [unread(channel)]), days: [] })).toThrow(/such a meter did not hang/);
  });

  it('R9.2-2, C10.1-7: of a meter that was taken away within the day are refused', () => {
    const said: Said[] = [[removedAt((END - 3_600) * 1000), SINCE]];
    expect(() => found(said, { issued: bill({}, [unread({})]), days: [] })).toThrow(/such a meter did not hang/);
  });
});

describe('what account and usage point do not show', () => {
  const stated = (through: number): DomainEvent => {
    const meters = [{ meterId: METER, from: SINCE, asset: ASSET }];
    return { type: 'PointStated', data: { usagePoint: period.usagePoint, through, spans: [{ from: SINCE }], meters, ...BEFORE } };
  };
  const account = (through: number) => streamOf(ACCOUNT, [...TENANT, [stated(through), SINCE]]);

  it('R9.2-2: of the account is told with its versions', () => {
    expect(found([], { account: { withheld: [2], last: 2 } })).toEqual([{ about: ACCOUNT, why: 'withheld', versions: [2] }]);
  });

  it('R9.2-2, C10.1-7: of the usage point, up to the version that the account knows of, is refused', () => {
    expect(() => found([], { account: account(4) })).toThrow(/it ends before version 4, which the account knows of/);
  });

  it('R9.2-2: may lie in its last commit, of which nobody knows how many events it has', () => {
    expect(found([], { account: account(6), point: { withheld: [4], last: 4 } })).toEqual([]);
  });
});
