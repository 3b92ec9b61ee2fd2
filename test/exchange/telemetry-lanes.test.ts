import { describe, expect, it } from 'vitest';
import { meterLogLines } from '../../bin/meter-logs.ts';
import { TelemetryLanes } from '../../bin/telemetry-lanes.ts';
import { ColumnBuilder } from '../../domain/telemetry/column-builder.ts';
import type { AssetRecord, Channel, DomainEvent } from '../../events/index.ts';
import { EVENT_CODE, encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';

const METER = '00000000000000a1';
const FROM = Date.UTC(2026, 0, 5) / 1000;
const WINDOW = { from: FROM, until: FROM + 86_400 };
const IMPORT: Channel = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 10, dials: 8, multiplier: 2, validFrom: 0 };
const EXPORT: Channel = { ...IMPORT, obis: '1-0:2.8.0', direction: 'export', scale: 1, multiplier: 1 };
const ASSET: AssetRecord = { intervalMinutes: 30, channels: [IMPORT, EXPORT], fuseW: 23_000, zone: 'Europe/London', areaLeaf: 'a' };
const JOINED: DomainEvent = { type: 'MeterJoined', data: { meterId: METER, member: 0, asset: ASSET, relays: [], at: 0 } };

function accepted(...plains: Plaintext[]): DomainEvent {
  const columns = new ColumnBuilder(10, 3_200);
  const wire = Buffer.concat([Buffer.from(METER, 'hex'), Buffer.alloc(28)]);
  for (const plain of plains) {
    const plaintext = encodePlaintext(plain);
    const sizeClass = ([32, 64, 320] as const).indexOf(plaintext.length as 32) as 0 | 1 | 2;
    columns.add({ wire, kid: 0, iv: 11, tag: 20, plaintext, sizeClass, member: 0, annotations: 0, receivedAt: 0 });
  }
  const batch = { dcId: 'dc-1', sequence: 1, digest: Buffer.alloc(32) };
  return { type: 'FramesAccepted', data: { batch, brokerTime: 0, frames: columns.take(), duplicates: 0, slotsRepeated: 0 } };
}

function reading(channel: number, slots: number, register: number, deltas: readonly (number | null)[]): Plaintext {
  return { kind: 'reading', flags: 0, channel, end: FROM + slots * 1_800, minutes: 30, register, head: Buffer.alloc(8), deltas };
}

function installed(from: number): DomainEvent {
  return { type: 'MeterInstalled', data: { meterId: METER, from: (FROM + from) * 1000, asset: ASSET, registers: [], at: 0 } };
}

function lanesOf(events: readonly DomainEvent[], installations: readonly (readonly [string, DomainEvent])[] = []): TelemetryLanes {
  const lanes = new TelemetryLanes();
  lanes.beginStream();
  for (const event of events) lanes.add(event);
  for (const [point, event] of installations) lanes.addInstallation(point, event);
  return lanes;
}

const told = (lanes: TelemetryLanes, of = {}) =>
  [...lanes.lanes(WINDOW, of)].map(({ lane, slots }) => [
    lane.usagePoint,
    lane.channel,
    lane.direction,
    [...slots].map(({ end, energyWh, register }) => [(end - FROM) / 1_800, energyWh, register]),
  ]);

describe('readings of the segment streams, as exports see them', () => {
  it('energy and register in the unit of the channel, back to where a value is lost', () => {
    const lanes = lanesOf([JOINED, accepted(reading(0, 4, 100, [1, null, 3, 4]), reading(1, 1, 7, [7]))]);
    expect(told(lanes)).toEqual([
      [
        '',
        0,
        'import',
        [
          [1, 20, null],
          [3, 60, 1_920],
          [4, 80, 2_000],
        ],
      ],
      ['', 1, 'export', [[1, 7, 7]]],
    ]);
  });

  it('the window leaves out what ends before or behind it', () => {
    const lanes = lanesOf([JOINED, accepted(reading(1, 0, 1, [1]), reading(1, 48, 2, [1]), reading(1, 49, 3, [1]))]);
    expect(told(lanes)).toEqual([['', 1, 'export', [[48, 1, 2]]]]);
  });

  it('the usage point is where the meter hung when the interval began', () => {
    const removed: DomainEvent = { type: 'MeterRemoved', data: { meterId: METER, until: (FROM + 3_600) * 1000, registers: [], at: 0 } };
    const lanes = lanesOf(
      [JOINED, accepted(reading(1, 4, 4, [1, 1, 1, 1]))],
      [
        ['p1', installed(0)],
        ['p1', removed],
        ['p2', installed(5_400)],
      ],
    );
    expect(told(lanes).map(([point, , , slots]) => [point, slots])).toEqual([
      ['', [[3, 1, 3]]],
      [
        'p1',
        [
          [1, 1, 1],
          [2, 1, 2],
        ],
      ],
      ['p2', [[4, 1, 4]]],
    ]);
    expect(told(lanes, { point: 'p2' }).map(([point]) => point)).toEqual(['p2']);
    expect(told(lanes, { meter: 'another' })).toEqual([]);
  });
});

describe('meter logs', () => {
  it('events by name, each once, by meter and time', async () => {
    const event = (code: number, at: number): Plaintext => ({ kind: 'event', flags: 0, code, at: FROM + at, value: 5 });
    const commit = {
      events: [
        JOINED,
        accepted(
          event(EVENT_CODE.outageEnd, 60),
          event(EVENT_CODE.outageStart, 30),
          event(EVENT_CODE.outageStart, 30),
          event(EVENT_CODE.tamperCover, 0),
          event(EVENT_CODE.boot, -1),
          event(EVENT_CODE.boot, 86_400),
        ),
      ],
    };
    const events = {
      async anchor() {
        return undefined;
      },
      async *streams() {
        yield 'segment/00000';
      },
      async *read() {
        yield commit;
      },
    } as unknown as Parameters<typeof meterLogLines>[0];
    expect(await meterLogLines(events, 'events', WINDOW)).toEqual([
      'meterId,at_utc,event,value\n',
      `${METER},2026-01-05T00:00:00Z,tamperCover,5\n`,
      `${METER},2026-01-05T00:00:30Z,outageStart,5\n`,
      `${METER},2026-01-05T00:01:00Z,outageEnd,5\n`,
    ]);
    expect(await meterLogLines(events, 'events', WINDOW, 'another')).toHaveLength(1);
  });
});
