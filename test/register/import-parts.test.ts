import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
import { csvHeader, PLAIN, plainLine } from '../../exchange/csv/readings-writer.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { METER, OTHER_METER } from '../subjects/given.ts';
import { POINT, RegisterWorld, ZONE } from './register-world.ts';

const DAY = '2026-10-24';
const { start } = localDay(DAY, ZONE);
const NOON = start + 12 * 3600;
const ANN = ['--as', 'ann', '--role', 'operator'];

let world: RegisterWorld;
beforeEach(async () => {
  world = await RegisterWorld.make();
});
afterEach(() => world.end());

/** Rows of a meter's import channel: end (UTC s) and Wh. */
function file(meterId: string, ...rows: readonly (readonly [end: number, wh: number])[]): string {
  const path = join(world.stateDir, 'file.csv');
  const lines = rows.map(([at, energyWh]) => plainLine({ meterId, channel: 0 }, { end: at, energyWh }));
  writeFileSync(path, csvHeader(PLAIN) + lines.join(''));
  return path;
}

const take = (kind: string, path: string) => world.run('import', kind, path, ...ANN, '--reason', 'customer-read');

/** Value and source of a slot. */
async function slotOf(name: string, slot: number): Promise<readonly [number, string | undefined]> {
  const day = await world.day(name);
  const view = emptyView();
  viewSlot(day.channels[0]!, slot, true, view);
  return [view.counts, SLOT_SOURCES[view.source]];
}

describe('a file over a day that is divided', () => {
  it('by a tenancy: each value goes to the part it lies in', async () => {
    const correct = ['--since', DAY, '--cut', 'acc-1@2026-10-24', '--cut', 'utility@2026-10-24T11:00Z', '--reason', 'r', '--by', 'ann'];
    expect((await world.run('tenancy', 'correct', POINT, ...correct)).status).toBe(0);
    await world.closed(DAY, 10, { end: NOON });
    await world.closed(DAY, 10, { start: NOON, part: 2, subject: 'utility' });
    expect(await take('edits', file(METER, [NOON, 11], [NOON + 900, 12]))).toMatchObject({
      status: 0,
      err: '',
      out: '2 slots of 2 days changed, 0 left unchanged; 2 of the days are final and wait for a second person\n',
    });
    const [morning, afternoon] = await world.days(`${METER}/${DAY}`, `${METER}/${DAY}.2`);
    expect([morning!.proposals.size, afternoon!.proposals.size]).toEqual([1, 1]);
  });

  it('by an exchange: values of the usage point go to the meter that hung there', async () => {
    const next = localDay('2026-10-25', ZONE);
    const at = next.start + 12 * 3600;
    await world.run('point', 'exchange', POINT, METER, OTHER_METER, '--at', '2026-10-25T11:00Z', ...ANN);
    await world.closed(DAY, 10);
    await world.provisional(next.day, 10, [46, 47], { end: at });
    await world.provisional(next.day, 10, [0, 1], { start: at, meterId: OTHER_METER });
    await world.closed('2026-10-26', 10, { meterId: OTHER_METER });
    const nem = ['100,NEM12,202610270000,A,B', '200,home-1,E1,E1,E1,,CHECK1,Wh,15,', ...nemDays(), '900'].join('\n');
    const path = join(world.stateDir, 'file.csv');
    writeFileSync(path, `${nem}\n`);
    const taken = await take('check-meter', path);
    expect([taken.status, taken.err]).toEqual([0, '']);
    expect(await slotOf(`${METER}/${next.day}`, 47)).toEqual([77, 'E1']);
    expect(await slotOf(`${OTHER_METER}/${next.day}`, 0)).toEqual([77, 'E1']);
    expect(await slotOf(`${METER}/${next.day}`, 45)).toEqual([10, 'measured']);
  });

  it('otherwise than the usage point says: nothing is taken until it is sealed again', async () => {
    await world.provisional(DAY, 10, [47]);
    await world.run(
      'tenancy',
      'correct',
      POINT,
      '--since',
      '2026-10-24T11:00Z',
      '--cut',
      'utility@2026-10-24T11:00Z',
      '--reason',
      'r',
      '--by',
      'a',
    );
    const { status, err } = await take('edits', file(METER, [NOON - 900, 11], [NOON, 11]));
    expect([status, err.split('\n')[0]]).toEqual([2, expect.stringContaining('divided otherwise than the usage point says')]);
    expect((await world.day(`${METER}/${DAY}`)).edits).toEqual([]);
  });
});

describe('a coarser reading', () => {
  it('is shared by the slots that lack a measurement: the sum is kept, the remainder goes to the first', async () => {
    await world.provisional(DAY, 10, [4, 5, 8]);
    // Half-hours that end behind slots 5, 7 and 9; of the last one a slot was measured.
    const rows = [5, 7, 9].map((slot) => [start + (slot + 1) * 900, 21] as const);
    expect((await take('check-meter', file(METER, ...rows))).out).toBe('2 slots of 1 day changed, 4 left unchanged\n');
    const name = `${METER}/${DAY}`;
    expect([await slotOf(name, 4), await slotOf(name, 5)]).toEqual([
      [11, 'E9'],
      [10, 'E9'],
    ]);
    expect((await slotOf(name, 8))[1]).not.toBe('E9');
    expect((await take('check-meter', file(METER, ...rows))).out).toBe('0 slots of 0 days changed, 6 left unchanged\n');
  });
});

/** Two market days (UTC+10) that cover the local one, 77 Wh in every interval. */
function nemDays(): string[] {
  const values = Array.from({ length: 96 }, () => '77').join(',');
  return ['20261025', '20261026'].map((day) => `300,${day},${values},A,,,20261027000000,`);
}
