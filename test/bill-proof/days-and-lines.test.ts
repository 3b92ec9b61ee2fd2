import { describe, expect, it } from 'vitest';
import type { OpenedCommit } from '../../bin/proof/open-commits.ts';
import { billedDays } from '../../bin/proof/proven-days.ts';
import { billedTariffs, checkLines } from '../../bin/proof/proven-lines.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import type { BillComputed, DomainEvent, MeterDayEvent } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { close, collect, FRAME, METER, records, stream, sumOf, verified } from '../meterday/days.ts';
import { chained, openedAt, statement } from './said.ts';

const STREAM = `meterday/${METER}/${FRAME.day}`;
const fault = (check: string) => expect.objectContaining({ check });

describe('the commits of a day', () => {
  const made = stream(collect(records(0, 96)), verified, close(true));
  const OWN = { accountId: FRAME.subject, usagePoint: FRAME.usagePoint, from: FRAME.day, until: '2026-01-16' };
  const billed = (commits: readonly OpenedCommit[], { name = STREAM, revision = 1, accountId = FRAME.subject } = {}) =>
    billedDays(statement({ period: { ...OWN, accountId }, inputs: [{ stream: name, revision }] }), commits);
  const whole = chained(STREAM, made.events);

  it('R9.2-2: are a day as it was billed, its energy the sum of its slots', () => {
    const [day] = billed(whole);
    expect(day).toMatchObject({ stream: STREAM, state: { final: true, outcome: { channels: [{ energyWh: sumOf(0, 96) }] } } });
  });

  it('R9.2-2, C10.1-7: with one in the middle left out are refused, and with one that names another before it', () => {
    expect(() => billed(whole.filter((_, i) => i !== 1))).toThrow(fault('chain'));
    // Nothing is missing by its number: by the hash alone it is another history.
    const other = whole.with(1, { ...whole[1]!, hash: Buffer.alloc(32, 99) });
    expect(() => billed(other)).toThrow(fault('chain'));
    const renumbered = whole.map((one, i) => (i < 2 ? one : { ...one, envelope: { ...one.envelope, version: i + 1 } }));
    expect(() => billed(renumbered)).toThrow(fault('chain'));
  });

  it('R9.2-2: may begin where the day was sealed again, and nowhere else behind its beginning', () => {
    const resealed: MeterDayEvent = {
      type: 'DayResealed',
      data: { frame: FRAME, history: made.events.slice(0, -1), reason: 'tenancy', at: 1 },
    };
    const behind = (events: readonly MeterDayEvent[]) =>
      chained(STREAM, events).map((one) => ({ ...one, envelope: { ...one.envelope, version: one.envelope.version + 4 } }));
    expect(billed(behind([resealed, made.events.at(-1)!]))).toHaveLength(1);
    expect(() => billed(behind(made.events))).toThrow(fault('chain'));
  });

  it('R9.2-2, C10.1-7: of another revision, behind the one that was billed, or of a day that is not final are refused', () => {
    expect(() => billed(whole, { revision: 2 })).toThrow(fault('streams'));
    const after: MeterDayEvent = { type: 'DayVerified', data: { seal: 'verified', chain: 'verified', at: 2 } };
    expect(() => billed(chained(STREAM, [...made.events, after]))).toThrow(fault('streams'));
    const open = chained(STREAM, stream(collect(records(0, 90)), verified, close(false)).events);
    expect(() => billed(open)).toThrow(/not final/);
  });

  it('R9.2-2, C10.1-7: of another customer’s day, or of one of another name, are refused', () => {
    expect(() => billed(whole, { accountId: 'acc-other' })).toThrow(/the day is another's/);
    const name = STREAM.replace('-15', '-16');
    const renamed = whole.map((one) => ({ ...one, envelope: { ...one.envelope, stream: name } }));
    expect(() => billed(renamed, { name })).toThrow(/the day is another's/);
  });
});

describe('the lines of a bill', () => {
  const document = (charges: readonly object[]) =>
    JSON.stringify({ id: 'bands', name: 'Bands', currency: 'GBP', from: '2026-01-01', charges });
  const standing = { kind: 'standing', code: 'day', perDay: '0.50' };
  const published = (tariff: string, version: number, charges: readonly object[] = [standing]): OpenedCommit => {
    const data = { tariff, version, from: '2026-01-01', document: document(charges), at: 1 };
    const event: DomainEvent = { type: 'TariffPublished', data };
    return openedAt(`tariff/${tariff}`, version - 1, [event]);
  };
  const said = statement({ tariffs: [{ tariff: 'bands', version: 1, from: '2026-01-01' }] });
  const tariffs = billedTariffs(said, [published('bands', 1)], []);
  const honest: BillComputed = { ...said, ...ratePeriod(inputOf(said, { days: [], tariffs })).statement, revision: 1, at: 1 };

  it('R9.2-2: follow from days and tariffs', () => {
    expect(honest.totalMicro).toBe('1500000');
    expect(() => checkLines(honest, [], tariffs)).not.toThrow();
  });

  it.each<[string, Partial<BillComputed>]>([
    ['currency', { currency: 'EUR' }],
    ['lines', { lines: [...honest.lines, ...honest.lines] }],
    ['totalMicro', { totalMicro: '1500001' }],
    ['inputs', { inputs: [{ stream: STREAM, revision: 1 }] }],
    ['tariffs', { tariffs: [{ tariff: 'bands', version: 1, from: '2026-01-02' }] }],
    ['estimatedPerMille', { estimatedPerMille: 7 }],
    ['importWh', { importWh: '7' }],
    ['exportWh', { exportWh: '7' }],
    ['maximumWh', { maximumWh: '7' }],
  ])('R9.2-2, C10.1-7: beside another %s than they give are refused', (name, more) => {
    expect(() => checkLines({ ...honest, ...more }, [], tariffs)).toThrow(new RegExp(`^${name} of the bill is not what`));
  });

  it('R9.2-2: that can not be rated again are refused: a bill that does not say what time it charges', () => {
    const { spans: _spans, ...timeless } = honest;
    const refused = expect.objectContaining({ check: 'lines', message: expect.stringMatching(/^the bill can not be rated again: /) });
    expect(() => checkLines(timeless, [], tariffs)).toThrow(refused);
  });

  it.each<[string, Partial<BillComputed>]>([
    ['credit of energy', { carriedWh: { 'energy/energy': '7' } }],
    ['credit of money', { carriedMicro: '7' }],
  ])('R9.2-2: beside %s that they do not give are refused', (_what, more) => {
    const { carriedWh: _wh, carriedMicro: _micro, ...none } = honest;
    expect(() => checkLines({ ...none, ...more }, [], tariffs)).toThrow(/more than its days give|is not what its days/);
  });

  it('R9.2-2, C10.1-7: at a version that takes over on another day than it begins are refused: two that say the same in turn begin tiers again', () => {
    const dated = (version: number, from: string) => {
      const { events, ...one } = published('bands', version);
      const [event] = events as [Extract<DomainEvent, { type: 'TariffPublished' }>];
      const document = JSON.stringify({ ...JSON.parse(event.data.document), from });
      return { ...one, events: [{ ...event, data: { ...event.data, from, document } }] };
    };
    const charged = (...pieces: readonly [version: number, from: string][]) =>
      statement({ tariffs: pieces.map(([version, from]) => ({ tariff: 'bands', version, from })) });
    const commits = [dated(1, '2026-01-01'), dated(2, '2026-10-25')];
    expect(billedTariffs(charged([1, '2026-01-01'], [2, '2026-10-25']), commits, [])).toHaveLength(2);
    expect(() => billedTariffs(charged([1, '2026-01-01'], [2, '2026-10-26']), commits, [])).toThrow(
      /takes over from version 1 on 2026-10-26/,
    );
    const inTurn = charged([1, '2026-01-01'], [2, '2026-10-25'], [1, '2026-10-26']);
    expect(() => billedTariffs(inTurn, commits, [])).toThrow(/takes over from version 2 on 2026-10-26/);
  });

  it('R9.2-2, C10.1-7: at a tariff of another stream or another version, which says that it is this one, are refused', () => {
    const strange = { ...published('bands', 1), envelope: published('dear', 1).envelope };
    expect(() => billedTariffs(said, [strange], [])).toThrow(/tariff bands version 1, which the bill names, is not here/);
    expect(() => billedTariffs(said, [published('bands', 2)], [])).toThrow(/tariff bands version 1, which the bill names, is not here/);
  });
});
