import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHomes } from '../../bench/homes.ts';
import { closedLanes } from '../../bin/exchange/export-source.ts';
import { nemQuality } from '../../bin/exchange/nem-quality.ts';
import { RECORD_SIZE, writeRecord } from '../../domain/meterday/records.ts';
import type { DayFrame, DomainEvent } from '../../events/index.ts';
import type { ImportedBlock } from '../../exchange/import.ts';
import { MARKET_OFFSET_MINUTES, writeNem12 } from '../../exchange/nem/from-slots.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import type { LaneSlots } from '../../exchange/slots.ts';
import { localDay, plusDays } from '../../lambdas/shared/days/local-days.ts';
import { closeFrame } from '../billing/closed-homes.ts';
import { all } from '../contract/support/events.ts';
import { discard } from '../contract/support/state.ts';
import { ASSET, METER } from '../subjects/given.ts';
import { type SealedWorld, sealedWorld, ZONE } from '../subjects/sealed-days.ts';
import { describeShared } from '../support/shared.ts';
import { imported } from './given.ts';

const FIRST = '2013-06-03';
const DAYS = Array.from({ length: 7 }, (_, i) => plusDays(FIRST, i));
const [ESTIMATED, EDITED, PROVISIONAL] = [DAYS[1]!, DAYS[2]!, DAYS[6]!];
/** Slots of an afternoon that never came. */
const GAP = [24, 25, 26];
/** Midnight of market time before the week, and nine days on: the whole week lies inside. */
const FROM = Date.UTC(2013, 5, 1, 14) / 1000;
const WINDOW = { from: FROM, until: FROM + 9 * 86_400 };
const GROUNDS = { who: 'warehouse', purpose: 'load forecast', legalBasis: 'contract 7' };

describeShared('exports of a closed week in London', 'data/london-2013/homes.csv.gz', (path) => {
  let world: SealedWorld;
  let lanes: readonly LaneSlots[];
  const outcomesWh = new Map<string, number>();
  let blocks: readonly ImportedBlock[];

  beforeAll(async () => {
    world = await sealedWorld();
    const home = readHomes(path).find(({ counts, start }) => {
      const at = (localDay(FIRST, ZONE).start - start) / 1800;
      return counts.subarray(at, at + 7 * 48).every((count) => count < 65_535);
    })!;
    for (const day of DAYS) {
      const at = (localDay(day, ZONE).start - home.start) / 1800;
      outcomesWh.set(day, await close(day, home.counts.subarray(at, at + 48)));
    }
    lanes = await closedLanes(world.as('export'), WINDOW, {}, { person: 'ann', grounds: GROUNDS });
    blocks = await throughNem12(lanes);
  });
  afterAll(() => {
    world.state.close();
    discard(world.state.directory);
  });

  /** @returns Wh of the day's outcome */
  async function close(day: string, counts: Uint32Array): Promise<number> {
    const { start, end } = localDay(day, ZONE);
    const frame: DayFrame = {
      usagePoint: 'NMI0000001',
      meterId: METER,
      day,
      part: 1,
      subject: 'acc-a',
      start,
      end,
      minutes: 30,
      zone: ZONE,
    };
    const gap = day === ESTIMATED || day === PROVISIONAL ? GAP : [];
    const slots = Array.from({ length: 48 }, (_, i) => i).filter((i) => !gap.includes(i));
    const records = new Uint8Array(slots.length * RECORD_SIZE);
    let register = 1_000;
    const registers = Array.from(counts, (count) => (register += count));
    for (const [n, i] of slots.entries()) writeRecord(records, n, start + (i + 1) * 1800, registers[i]!, counts[i]!, 0);
    const columns = { records, annotations: new Uint8Array(slots.length * 4), heads: new Uint8Array(0), registerBefore: 1_000 };
    const channels = [{ channel: 0, asset: ASSET.channels[0]!, capacity: 60_000, ...columns }];
    const edit = { channel: 0, slots: [10, 11], counts: [7, 8], reason: 'agreed', note: '', by: 'ann', at: 2 };
    const edited = [
      { type: 'AgreeReading', ...edit },
      { type: 'ApproveEdit', edit: 1, by: 'ben', at: 3 },
    ] as const;
    const due = day !== PROVISIONAL;
    const state = await closeFrame((principal) => world.as(principal), frame, channels, { due }, ...(day === EDITED ? edited : []));
    if (state.status !== 'open' || state.final !== due) throw new Error(`${day} is not as it should be`);
    return state.outcome!.channels[0]!.energyWh;
  }

  async function throughNem12(of: readonly LaneSlots[]): Promise<readonly ImportedBlock[]> {
    const lines: string[] = [];
    const writer = new NemWriter((line) => lines.push(line));
    writer.header({ version: 'NEM12', created: '201306200000', from: 'A', to: 'B' });
    writeNem12(writer, of, WINDOW, { quality: nemQuality, utcOffsetMinutes: MARKET_OFFSET_MINUTES, updatedAt: '20130620000000' });
    writer.end();
    const outcome = await imported(lines.join(''));
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
    return outcome.blocks;
  }

  /** Flag and method of each slot of a local day, as the file tells them. */
  function told(day: string): string[] {
    const { start } = localDay(day, ZONE);
    return Array.from({ length: 48 }, (_, i) => {
      const end = start + (i + 1) * 1800;
      const block = blocks.find((one) => one.start < end && end <= one.start + 86_400)!;
      const slot = (end - block.start) / 1800 - 1;
      const { flag, method } = block.quality.find(({ first, last }) => first <= slot && slot <= last)!;
      return `${flag}${method ?? ''}`;
    });
  }

  it('NEM12 sums to the energy of the days, to the watt-hour', () => {
    const fileWh = blocks.flatMap(({ values }) => values).reduce<number>((sum, value) => sum + (value ?? 0), 0);
    expect(fileWh).toBeGreaterThan(10_000);
    expect(fileWh).toBe([...outcomesWh.values()].reduce((sum, wh) => sum + wh, 0));
  });

  it('every slot carries its quality: measured, estimated of a final and of a provisional day, agreed by hand, not there', () => {
    expect(told(FIRST)).toEqual(new Array(48).fill('A'));
    const method = (day: string) => told(day).filter((_, i) => GAP.includes(i));
    expect(method(ESTIMATED)).toEqual(GAP.map(() => expect.stringMatching(/^F\d\d$/)));
    expect(method(PROVISIONAL)).toEqual(method(ESTIMATED).map((flag) => flag.replace('F', 'S')));
    expect(told(EDITED).slice(9, 13)).toEqual(['A', 'F16', 'F16', 'A']);
    expect(blocks[0]!.quality).toMatchObject([{ first: 0, last: 47, flag: 'N' }]);
  });

  it('slots say state, revision, confidence, register and the edit with its reason', () => {
    const { lane, slots } = lanes[0]!;
    expect(lane).toEqual({ usagePoint: 'NMI0000001', meterId: METER, channel: 0, direction: 'import', unit: 'Wh', minutes: 30 });
    const of = (day: string, i: number) => [...slots].find(({ end }) => end === localDay(day, ZONE).start + (i + 1) * 1800);
    expect(of(EDITED, 10)).toMatchObject({ energyWh: 7, source: 'E11', final: true, revision: 2, edit: { number: 1, reason: 'agreed' } });
    expect(of(PROVISIONAL, 24)).toMatchObject({ final: false, scaled: true, register: null, edit: null });
    expect(of(PROVISIONAL, 24)!.confidence).toBeLessThan(100);
    expect(of(PROVISIONAL, 0)).toMatchObject({ source: 'measured', confidence: 100, final: false });
  });

  it('R9.1-3: who takes it, what for and on what ground is on record before a day opens', async () => {
    const accesses = (await all(world.as('export').events.read('access/2026-11-01.export'))).flatMap(
      ({ events }) => events as DomainEvent[],
    );
    expect(accesses[0]).toMatchObject({
      type: 'DataAccessed',
      data: { purpose: 'export', person: 'ann', subjects: ['acc-a'], grounds: GROUNDS },
    });
    await expect(closedLanes(world.as('enrol'), WINDOW, {}, {})).rejects.toMatchObject({ code: 'ERR_STREAM_KEY_COLD' });
  });

  it('of a window without closed days there is nothing, and nothing is opened for it', async () => {
    const before = (await all(world.as('export').events.read('access/2026-11-01.export'))).length;
    expect(await closedLanes(world.as('export'), { from: 0, until: 86_400 }, {}, {})).toEqual([]);
    expect(await closedLanes(world.as('export'), WINDOW, { meter: 'ffffffffffffffff' }, {})).toEqual([]);
    expect((await all(world.as('export').events.read('access/2026-11-01.export'))).length).toBe(before);
  });
});
