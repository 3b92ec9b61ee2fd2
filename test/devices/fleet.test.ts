import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdversaryCounts } from '../../devices/fleet/adversary.ts';
import type { Settled, Stock } from '../../devices/fleet/protocol.ts';
import type { SyntheticTown, TownRequest } from '../../devices/fleet/town.ts';
import { FleetDouble } from './fleet-double.ts';
import { FleetProcess } from './fleet-process.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const TOWN: SyntheticTown = { kind: 'synthetic', seed: 'joule', start: START, meters: 12, concentrators: 3, heardByTwo: 0.4, lost: 0.02 };

let double: FleetDouble;
let fleet: FleetProcess;
let folder: string;
beforeEach(async () => {
  double = await FleetDouble.start();
  fleet = new FleetProcess();
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-fleet-'));
});
afterEach(async () => {
  fleet.kill();
  await fleet.ended;
  await double.stop();
  rmSync(folder, { recursive: true });
});

async function commission(town: TownRequest = TOWN): Promise<Stock> {
  const stock = await fleet.ask({ type: 'commission', town });
  expect(await fleet.ask(await double.commission(stock))).toEqual({ type: 'commissioned' });
  // every meter says HELLO as soon as it is switched on
  const to = (stock.resumedAt ?? stock.start) + 1_000;
  await fleet.ask({ type: 'advance', to });
  await double.drain(to);
  return stock;
}

/** Hour by hour, a few minutes past it, the queues drained between. */
async function play(from: number, hours: number): Promise<void> {
  for (let hour = 1; hour <= hours; hour++) {
    const to = from + hour * HOUR + 5 * 60_000;
    await fleet.ask({ type: 'advance', to });
    await double.drain(to);
  }
}

async function settle(from: number, stepHours = 1): Promise<Settled> {
  for (let to = from; ; to += stepHours * HOUR) {
    const answer = await fleet.ask({ type: 'settle', to });
    await double.drain(to);
    if (answer.settled || answer.stalled) return answer;
  }
}

describe('a fleet in its own process', () => {
  it('commissions, delivers a day, and knows the truth of it to the slot', async () => {
    const stock = await commission();
    expect(stock.meters).toHaveLength(12);
    expect(stock.start).toBe(START);
    expect([...double.connected].sort()).toEqual(['dc-dc-1', 'dc-dc-2', 'dc-dc-3']);
    await play(START, 24);
    const settled = await settle(START + 25 * HOUR);
    expect(settled).toMatchObject({ settled: true, unacknowledged: 0, held: 0 });
    expect(settled.hellos).toBeGreaterThanOrEqual(12);
    const file = join(folder, 'truth.csv');
    const truth = await fleet.ask({ type: 'truth', file });
    expect(double.lines()).toEqual(readFileSync(file, 'utf8').split(/(?<=\n)/));
    expect(truth.bySlotDigest).toBe(double.digest());
    const roofs = stock.meters.filter((meter) => meter.asset.channels.length === 2).length;
    expect(truth.readings).toBeGreaterThan((12 + roofs) * 96 * 0.95);
    expect(truth.readings).toBeLessThan((12 + roofs) * 96);
    expect(truth.wh).toBe(double.lines().reduce((sum, line) => sum + Number(line.split(',')[3]), 0));
    // over two concentrators messages come twice or out of order, and are obeyed once
    expect(['not-asked', 'sequence']).toEqual(expect.arrayContaining(Object.keys(truth.refusedByMeters)));
    expect({ frames: truth.framesPublished, batches: truth.batches }).toEqual({
      frames: double.counts.frames,
      batches: double.counts.batches,
    });
    expect(double.counts.duplicates).toBeGreaterThan(0);
    expect(double.counts.refused).toBe(0);
    expect(fleet.progress.length).toBeGreaterThanOrEqual(24);
    expect(fleet.progress.at(-1)!.framesPublished).toBe(truth.framesPublished);
  });

  it('plays a table of half-hours to its end, lost ones as no reading', async () => {
    const start = Date.UTC(2013, 2, 1);
    const rows = Array.from({ length: 48 }, (_, i) => {
      const at = new Date(start + i * (HOUR / 2)).toISOString().slice(0, 16);
      return `${at}Z,${100 + i},${i % 7 === 3 ? '' : 2 * i + 1}`;
    });
    const file = join(folder, 'homes.csv');
    writeFileSync(file, `start_utc,A,B\n${rows.join('\n')}\n`);
    const stock = await commission({ kind: 'csv', seed: 'two homes', file, days: 1, concentrators: 1 });
    expect([stock.meters.length, stock.end]).toEqual([2, start + 24 * HOUR]);
    await play(start, 24);
    expect(await fleet.ask({ type: 'advance', to: start + 26 * HOUR })).toMatchObject({ ended: true });
    await double.drain(start + 26 * HOUR);
    expect(await settle(start + 27 * HOUR, 6)).toMatchObject({ settled: true });
    const truth = await fleet.ask({ type: 'truth' });
    const lost = rows.filter((row) => row.endsWith(',')).length;
    expect([truth.readings, lost]).toEqual([2 * 96 - 2 * lost, 7]);
    expect(truth.wh).toBe(rows.reduce((sum, row) => sum + Number(row.split(',')[1]) + Number(row.split(',')[2]), 0));
    expect(truth.bySlotDigest).toBe(double.digest());
  });

  it('loses and repeats nothing over an outage of the line', async () => {
    const stock = await commission();
    await play(START, 2);
    // told again where to connect, it connects again
    expect(await fleet.ask(await double.commission(stock))).toEqual({ type: 'commissioned' });
    await play(START + 2 * HOUR, 1);
    double.interrupt();
    await play(START + 3 * HOUR, 3);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await play(START + 6 * HOUR, 2);
    expect(await settle(START + 9 * HOUR, 6)).toMatchObject({ settled: true });
    const truth = await fleet.ask({ type: 'truth' });
    expect(truth.bySlotDigest).toBe(double.digest());
    expect(truth.framesPublished).toBe(double.counts.frames);
  });

  it.each(['stopped', 'killed'])('goes on where it was when %s, same keys, same town', async (how) => {
    fleet.kill();
    fleet = new FleetProcess(['--state', folder]);
    const first = await commission();
    await play(START, 5);
    const { hellos } = await fleet.ask({ type: 'advance', to: START + 5 * HOUR + 6 * 60_000 });
    if (how === 'stopped') await fleet.stop();
    else {
      fleet.kill();
      await fleet.ended;
    }
    const files = readdirSync(join(folder, 'fleet'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['counts.bin', 'fleet.bin', 'nvram.bin', 'dc-1']));
    for (const entry of files)
      if (entry.parentPath.endsWith('fleet')) expect(statSync(join(entry.parentPath, entry.name)).mode & 0o077).toBe(0);
    fleet = new FleetProcess(['--state', folder]);
    const again = await commission();
    expect(again.resumedAt).toBe(START + 5 * HOUR);
    expect(again.meters.every((meter, i) => meter.certificate !== undefined && meter.meterId === first.meters[i]!.meterId)).toBe(true);
    await play(START + 5 * HOUR, 5);
    expect(await settle(START + 11 * HOUR, 6)).toMatchObject({ settled: true, hellos });
    const truth = await fleet.ask({ type: 'truth' });
    expect(truth.bySlotDigest).toBe(double.digest());
    expect(truth.framesPublished).toBe(double.counts.frames);
  });

  it('refuses the state of another town, and a town that can not be built, in one clear line', async () => {
    fleet.kill();
    fleet = new FleetProcess(['--state', folder]);
    await commission();
    await fleet.stop();
    fleet = new FleetProcess(['--state', folder]);
    const other = await fleet.tell({ type: 'commission', town: { ...TOWN, seed: 'watt' } });
    expect(other).toMatchObject({ type: 'failed', code: 'ERR_FLEET_INPUT', message: expect.stringMatching(/another town lives here/) });
    const bad = await fleet.tell({ type: 'commission', town: { kind: 'csv', seed: 's', file: join(folder, 'none.csv') } });
    expect(bad).toMatchObject({
      type: 'failed',
      code: 'ERR_FLEET_INPUT',
      message: expect.stringMatching(/none.csv: there is no such file/),
    });
    expect(await fleet.tell({ type: 'advance', to: START })).toMatchObject({
      type: 'failed',
      message: expect.stringMatching(/send commission first/),
    });
    expect(existsSync(join(folder, 'fleet', 'fleet.bin'))).toBe(true);
  });
});

function pick({ forged, flipped, unknownMeter, sequenceReused, dropped, withheld }: AdversaryCounts) {
  return { forged, flipped, unknownMeter, sequenceReused, dropped, withheld };
}

describe('an evil concentrator in the town', () => {
  it('counts what it does; after the swap every reading of its meters is through', async () => {
    await commission({ ...TOWN, meters: 18, adversary: 'dc-2' });
    await play(START, 48);
    const before = await fleet.ask({ type: 'truth' });
    for (const [kind, count] of Object.entries(before.adversary!)) expect(`${kind} ${count > 0}`).toBe(`${kind} true`);
    expect(before.bySlotDigest).not.toBe(double.digest());
    expect(await settle(START + 49 * HOUR, 6)).toMatchObject({ settled: true, unacknowledged: 0 });
    const truth = await fleet.ask({ type: 'truth' });
    expect(truth.bySlotDigest).toBe(double.digest());
    expect(truth.framesPublished).toBe(double.counts.frames);
    const { forged, flipped, unknownMeter, sequenceReused, dropped, withheld } = truth.adversary!;
    expect({ forged, flipped, unknownMeter, sequenceReused, dropped, withheld }).toEqual(pick(before.adversary!));
    const { accepted, duplicates, refused, frames } = double.counts;
    expect(accepted + duplicates + refused).toBe(frames);
    const made = forged + flipped + unknownMeter;
    expect(refused).toBeGreaterThanOrEqual(made);
    expect(refused).toBeLessThanOrEqual(made + sequenceReused);
    expect(Object.values(truth.refusedByMeters).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });
});
