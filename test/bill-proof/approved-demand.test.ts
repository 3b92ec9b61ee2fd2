import { describe, expect, it } from 'vitest';
import { billedTariffs, checkLines } from '../../bin/proof/proven-lines.ts';
import type { RatedDay } from '../../domain/billing/billing-input.ts';
import { ratePeriod } from '../../domain/billing/rating.ts';
import { u16Column, u32Column } from '../../domain/meterday/columns.ts';
import { SOURCE } from '../../domain/meterday/effective.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import type { BillComputed, MeterDayEvent } from '../../events/index.ts';
import { inputOf } from '../../lambdas/billing/bill-basis.ts';
import { localMinutesOf } from '../../lambdas/billing/local-minutes.ts';
import { standing } from '../../lambdas/billing/recorded-days.ts';
import { close, collect, FRAME, foldAll, METER, records, stream, verified } from '../meterday/days.ts';
import { openedAt, statement } from './said.ts';

const STREAM = `meterday/${METER}/${FRAME.day}`;
/** The slot of the day that nobody measured, and what somebody guessed: more than was measured in any half-hour. */
const [GUESSED, COUNTS] = [3, 60_000];

const demand = { kind: 'demand', code: 'd', minutes: 30, of: 'kW', price: '10', per: 'day' };
const document = JSON.stringify({ id: 'bands', name: 'Bands', currency: 'GBP', from: '2026-01-01', charges: [demand] });
const published = openedAt('tariff/bands', 0, [
  { type: 'TariffPublished', data: { tariff: 'bands', version: 1, from: '2026-01-01', document, at: 1 } },
]);
const said = statement({
  period: { accountId: FRAME.subject, usagePoint: FRAME.usagePoint, from: FRAME.day, until: '2026-01-16' },
  spans: [{ from: FRAME.start, until: FRAME.end }],
  tariffs: [{ tariff: 'bands', version: 1, from: '2026-01-01' }],
});
const tariffs = billedTariffs(said, [published], []);

function guessedDay(): OpenDay {
  const measured = records(0, 96).filter(({ slot }) => slot !== GUESSED);
  const { events } = stream(collect(measured), verified, close(true));
  const values = { slots: u16Column([GUESSED]), counts: u32Column([COUNTS]), sources: Uint8Array.of(SOURCE.E5) };
  const guess: MeterDayEvent = {
    type: 'SlotsEstimated',
    data: { at: 1, channels: [{ channel: 0, ...values, confidence: Uint8Array.of(1), inputs: '' }] },
  };
  return foldAll([...events.slice(0, -1), guess, ...events.slice(-1)]) as OpenDay;
}

function ratedDay(state: OpenDay): RatedDay {
  const { day, start, minutes, zone } = state.frame;
  const { revision, held, channels } = standing(state)!;
  const known = channels.map(({ asset: { obis, direction, unit }, ...rest }) => ({ obis, direction, unit, ...rest }));
  return { stream: STREAM, day, start, minutes, revision, held, channels: known, localMinutes: localMinutesOf(start, 96, minutes, zone) };
}

/** As billing rates it. @param approved by whom, where somebody did */
function rated(state: OpenDay, approved: Pick<BillComputed, 'demandApprovedBy'>): BillComputed {
  const { statement: own } = ratePeriod(inputOf(said, { days: [ratedDay(state)], tariffs, ...approved }));
  return { ...said, ...own, revision: 1, at: 1, ...approved };
}

describe('demand that stands on an estimate', () => {
  const state = guessedDay();
  const days = [{ stream: STREAM, state, recordedAt: 0 }];
  const byAnn = { demandApprovedBy: 'ann' };

  it('R9.2-2, C10.1-7: is charged where the bill says who approved it, and with no word of anybody it is not', () => {
    const [approved, measured] = [rated(state, byAnn), rated(state, {})];
    expect(BigInt(approved.totalMicro)).toBeGreaterThan(BigInt(measured.totalMicro) * 10n);
    for (const bill of [approved, measured]) expect(() => checkLines(bill, days, tariffs)).not.toThrow();
  });

  it('R9.2-2, C10.1-7: is refused without that word, as what was measured is beside it', () => {
    const { demandApprovedBy: _by, ...silent } = rated(state, byAnn);
    expect(() => checkLines(silent, days, tariffs)).toThrow(/^line 1, demand\/d, comes to/);
    expect(() => checkLines({ ...rated(state, {}), ...byAnn }, days, tariffs)).toThrow(/^line 1, demand\/d, comes to/);
  });
});
