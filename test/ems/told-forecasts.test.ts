import { beforeEach, describe, expect, it } from 'vitest';
import { forecastStream } from '../../domain/demand/forecast/forecast-stream.ts';
import { OPERATOR_ITEM } from '../../events/catalogue/operator-feed.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { verifyChain } from '../../protocol/feed.ts';
import { compactJws, jwsSigningInput, parseJws } from '../../protocol/jws.ts';
import { KMS_KEYS } from '../../topology/keys.ts';
import { permits } from '../../topology/principals.ts';
import { MIDNIGHT } from '../project/segment-street.ts';
import { OperatorTown, ofKind, range } from './operator-world.ts';

const NORTH = range(1, 110);
const START = MIDNIGHT / 1000;
let town: OperatorTown;

beforeEach(async () => {
  town = await OperatorTown.of({ north: NORTH });
  await town.send(NORTH, 1, 10);
  await town.tell(1);
});

async function forecast(day: string): Promise<void> {
  const { events } = town.street.world.as('forecast');
  const of = { area: 'north', issue: 'midnight', zone: 'Etc/UTC', intervalMinutes: 15, areaVersion: 0, at: MIDNIGHT } as const;
  const learned = {
    features: 'plain',
    knownSlots: 96,
    from: '2025-01-01',
    until: '2026-01-15',
    scaleWh: 1,
    numbers: 'ab'.repeat(32),
  } as const;
  await runDecider(events, 'forecast/north', forecastStream, [
    { type: 'FitModel', model: { ...of, ...learned } },
    {
      type: 'IssueForecast',
      forecast: {
        ...{ ...of, day, start: START, energyWh: [1_000, null], lowerWh: [900, null], upperWh: [1_100, null] },
        contributions: [{ group: 'hour', energyWh: [1_000, null] }],
      },
    },
  ]);
}

const changed = (jws: string) => {
  const parsed = parseJws(jws);
  if ('fault' in parsed) throw new Error(parsed.fault);
  const payload = JSON.parse(parsed.payload.toString()) as { slots: object[] };
  const slots = payload.slots.map((slot) => ({ ...slot, energyWh: 2_000 }));
  return compactJws(jwsSigningInput(parsed.header, Buffer.from(JSON.stringify({ ...payload, slots }))), parsed.signature);
};

describe('forecasts that the operator is told', () => {
  it('R9.4-2, C10.4-2: are signed items in the chain of their area, told once, and one that was changed is refused', async () => {
    await forecast('2026-01-15');
    await town.tell(1);
    await town.tell(1);
    const feed = town.feed('north');
    expect(feed).toHaveLength(2);
    const [told] = ofKind(await town.received('north'), 'forecast');
    expect(OPERATOR_ITEM.parse(told)).toEqual(told);
    expect(told).toMatchObject({
      ...{ seq: 2, area: 'north', issue: 'midnight', day: '2026-01-15', purpose: 'grid-operation' },
      window: { from: MIDNIGHT, until: MIDNIGHT + 30 * 60_000 },
      slots: [
        { end: START + 900, energyWh: 1_000, lowerWh: 900, upperWh: 1_100 },
        { end: START + 1_800, energyWh: null, lowerWh: null, upperWh: null },
      ],
    });
    const { faults } = verifyChain(feed.with(1, changed(feed[1]!)), await town.receiver('north'));
    expect(faults).toEqual([{ index: 1, fault: 'wrong-signature', expected: 2 }]);
  });

  it('come between intervals without a gap, and do not move where these stand', async () => {
    await forecast('2026-01-15');
    await town.send(NORTH, 2, 20);
    await town.tell(2);
    await forecast('2026-01-16');
    await town.send(NORTH, 3, 30);
    await town.tell(3);
    const kinds = (await town.received('north')).map(({ seq, kind }) => [seq, kind]);
    expect(kinds).toEqual([
      [1, 'demand'],
      [2, 'demand'],
      [3, 'forecast'],
      [4, 'demand'],
      [5, 'forecast'],
    ]);
  });

  it('C10.1-1: whoever makes them can sign nothing', () => {
    expect(KMS_KEYS.filter(({ allow }) => permits(allow, 'forecast', 'sign')).map(({ id }) => id)).toEqual([]);
  });
});
