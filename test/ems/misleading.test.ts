import { describe, expect, it } from 'vitest';
import { MIDNIGHT } from '../project/segment-street.ts';
import { HOME, QUARTER_MS } from '../support/sealed-town.ts';
import { OperatorTown, ofKind, range } from './operator-world.ts';

const NORTH = range(1, 120);
const MANY = range(1, 512);
const HEAD = 900;

describe('T8-P6: invalid metering does not mislead the operator', () => {
  it('T8-P6: an authentic reading of 1 GWh is held: the area total is unchanged, and its quality says so', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    const channel = { ...HOME.channels[0]!, multiplier: 40_000 };
    await town.street.join(600, 'north-0', { ...HOME, areaLeaf: 'north', channels: [channel] });
    await town.send(NORTH, 1, 100);
    await town.send(NORTH, 2, 100);
    await town.send([600], 2, 25_000);
    await town.tell(2);
    const told = ofKind(await town.received('north'), 'demand');
    expect(25_000 * 40_000).toBe(1_000_000_000);
    expect(told.map(({ netWh, held }) => [netWh, held])).toEqual([
      [12_000, '<=1'],
      [12_000, '<=1'],
    ]);
    const counted = town.events('north').map((event) => (event.type === 'AreaDemandPublished' ? event.data.counts.held : -1));
    expect(counted).toEqual([0, 1]);
  });

  it('T8-P6: an area of which many readings are held is told with a band that says it', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.send(NORTH, 1, (meter) => (meter <= 10 ? 60_000 : 100));
    await town.tell(1);
    const [told] = ofKind(await town.received('north'), 'demand');
    expect(told).toMatchObject({ netWh: 11_000, completeness: '>=99%', quality: { measured: '90-95%' }, held: '5-10' });
  });

  it('T8-P6: 512 meters that all report a plausible +30 % are flagged against the forecast and against the head of their feeder', async () => {
    const usual = 400 * MANY.length;
    const band = { lowWh: usual * 0.85, highWh: usual * 1.15 };
    const town = await OperatorTown.of({ north: MANY }, { forecastOf: async () => band });
    await town.head(HEAD, 'north');
    await town.send(MANY, 1, 400);
    const raised = range(2, 8);
    for (const slot of raised) await town.send(MANY, slot, 520);
    for (const slot of [1, ...raised]) await town.send([HEAD], slot, Math.round((usual * 1.04) / 10));
    await town.tell(5);
    await town.tell(9);
    const items = await town.received('north');
    expect(ofKind(items, 'demand').map(({ netWh }) => netWh)).toEqual([usual, ...raised.map(() => usual * 1.3)]);
    // The head contradicts at once; the forecast when it has lasted for two hours.
    expect(ofKind(items, 'doubt').map(({ window, causes }) => [window.until, causes])).toEqual([
      ...raised.slice(0, -1).map((slot) => [MIDNIGHT + slot * QUARTER_MS, ['more-than-the-feeder']]),
      [MIDNIGHT + 9 * QUARTER_MS, ['more-than-the-feeder', 'outside-forecast-band']],
    ]);
    expect(town.street.world.logged.filter(({ fields }) => fields?.code === 'DEMAND_DOUBTED')).toHaveLength(2);
  });

  it.each([
    ['outside the band by little', range(1, 9).map(() => 1.2)],
    ['far outside it for less than two hours', [1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1]],
    ['far above it, then far below', [1.3, 1.3, 1.3, 1.3, 0.7, 0.7, 0.7, 0.7]],
  ])('T8-P6: demand that is %s raises no doubt: one in ten intervals is outside by chance', async (_what, shares) => {
    const usual = 400 * NORTH.length;
    const town = await OperatorTown.of({ north: NORTH }, { forecastOf: async () => ({ lowWh: usual * 0.85, highWh: usual * 1.15 }) });
    for (const [i, share] of shares.entries()) await town.send(NORTH, i + 1, 400 * share);
    await town.tell(shares.length);
    const items = await town.received('north');
    expect(ofKind(items, 'demand')).toHaveLength(shares.length);
    expect(ofKind(items, 'doubt')).toEqual([]);
  });

  it('demand far below the band for two hours is doubted', async () => {
    const usual = 400 * NORTH.length;
    const town = await OperatorTown.of({ north: NORTH }, { forecastOf: async () => ({ lowWh: usual * 0.85, highWh: usual * 1.15 }) });
    for (const slot of range(1, 8)) await town.send(NORTH, slot, 280);
    await town.tell(8);
    const doubts = ofKind(await town.received('north'), 'doubt');
    expect(doubts.map(({ window, causes }) => [window.until, causes])).toEqual([[MIDNIGHT + 8 * QUARTER_MS, ['outside-forecast-band']]]);
  });

  it('T8-P6: use that no meter reports shows at the head of the feeder, and what the head measures is in no sum', async () => {
    const town = await OperatorTown.of({ north: NORTH });
    await town.head(HEAD, 'north');
    await town.send(NORTH, 1, 400);
    await town.send([HEAD], 1, (400 * 120 * 1.2) / 10);
    await town.tell(1);
    const items = await town.received('north');
    expect(ofKind(items, 'demand')[0]!.netWh).toBe(48_000);
    expect(ofKind(items, 'doubt')).toMatchObject([{ causes: ['less-than-the-feeder'] }]);
  });

  it('T8-P6: each feeder of an area of several is held against its own head, whichever it is that contradicts', async () => {
    const mill = range(401, 20);
    const town = await OperatorTown.of({ mill, north: NORTH });
    await town.head(HEAD, 'mill');
    await town.head(HEAD + 1, 'north');
    for (const [slot, [millFed, northFed]] of [
      [1, [1.04, 1.04]],
      [2, [1.04, 1.2]],
      [3, [1.2, 1.04]],
    ] as const) {
      await town.send([...mill, ...NORTH], slot, 400);
      await town.send([HEAD], slot, (400 * 20 * millFed) / 10);
      await town.send([HEAD + 1], slot, (400 * 120 * northFed) / 10);
      await town.tell(slot);
    }
    const items = await town.received('mill_north');
    expect(ofKind(items, 'demand').map(({ netWh }) => netWh)).toEqual([56_000, 56_000, 56_000]);
    expect(ofKind(items, 'doubt').map(({ window, causes }) => [window.until, causes])).toEqual([
      [MIDNIGHT + 2 * QUARTER_MS, ['less-than-the-feeder']],
      [MIDNIGHT + 3 * QUARTER_MS, ['less-than-the-feeder']],
    ]);
  });

  it('what is fed in and has not come contradicts nobody, and does where it has', async () => {
    const roof = {
      ...HOME,
      areaLeaf: 'north',
      channels: [...HOME.channels, { ...HOME.channels[0]!, obis: '1-0:2.8.0', direction: 'export' as const }],
    };
    const town = new OperatorTown();
    for (const meter of NORTH) await town.street.join(meter, 'a', roof);
    const customer = (meter: number) => ({ subject: `${meter}`, class: 'residential' as const, annualWh: 3_500_000, exportWh: 100_000 });
    await town.compose(NORTH.map((meter) => ({ leaf: 'north', customer: customer(meter), tellsExport: true })));
    await town.head(HEAD, 'north');
    const fedIn = (slot: number) => town.street.deliver(...NORTH.map((meter) => ({ meter, channel: 1, slot, values: [100] })));
    for (const slot of [1, 2]) {
      await town.send(NORTH, slot, 400);
      await town.send([HEAD], slot, (300 * 120) / 10);
    }
    // Of the second interval comes what is fed in; of the first it is late.
    await fedIn(2);
    await town.tell(2);
    expect(ofKind(await town.received('north'), 'doubt')).toEqual([]);
    await town.send([HEAD], 3, (200 * 120) / 10);
    await town.send(NORTH, 3, 400);
    await fedIn(3);
    await town.tell(3);
    expect(ofKind(await town.received('north'), 'doubt')).toMatchObject([{ causes: ['more-than-the-feeder'] }]);
  });

  it('homes that are missing contradict nobody: neither the head nor a forecast of more', async () => {
    const town = await OperatorTown.of({ north: NORTH }, { forecastOf: async () => ({ lowWh: 47_000, highWh: 60_000 }) });
    await town.head(HEAD, 'north');
    for (const slot of range(1, 8)) {
      await town.send(NORTH.slice(0, 112), slot, 325);
      await town.send([HEAD], slot, (325 * 120 * 1.04) / 10);
    }
    await town.tell(8);
    const items = await town.received('north');
    expect(ofKind(items, 'demand')).toMatchObject(range(1, 8).map(() => ({ netWh: 36_400, completeness: '90-95%' })));
    expect(ofKind(items, 'doubt')).toEqual([]);
  });
});
