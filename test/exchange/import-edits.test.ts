import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyImport, type ImportKind } from '../../bin/exchange/apply-import.ts';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { SLOT_SOURCES } from '../../events/index.ts';
import { csvHeader, PLAIN, plainLine } from '../../exchange/csv/readings-writer.ts';
import { writeNem12 } from '../../exchange/nem/from-slots.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { closeDay, closePart, frameOf, openHomes } from '../billing/closed-homes.ts';
import { all } from '../contract/support/events.ts';
import { discard } from '../contract/support/state.ts';
import { accessTo, type SealedWorld, sealedWorld, ZONE } from '../subjects/sealed-days.ts';

const DAY = '2026-10-25';
const METER = '00124b0000000001';
const STREAM = `meterday/${METER}/${DAY}`;
const START = localDay(DAY, ZONE).start;

let world: SealedWorld;
beforeEach(async () => {
  world = await sealedWorld();
  await openHomes(world.as);
  await closeDay(world.as, 'home-1', DAY, 10);
});
afterEach(() => {
  world.state.close();
  discard(world.state.directory);
});

/** Rows of meter, slot of the day, Wh. */
function csv(...rows: readonly (readonly [meterId: string, slot: number, wh: number])[]): string {
  const lines = rows.map(([meterId, slot, wh]) => plainLine({ meterId, channel: 0 }, { end: START + (slot + 1) * 900, energyWh: wh }));
  return csvHeader(PLAIN) + lines.join('');
}

async function take(text: string, kind: ImportKind = 'edits') {
  const file = join(world.state.directory, 'file.csv');
  writeFileSync(file, text);
  return applyImport(world.as('editing'), file, { kind, by: 'ann', role: 'operator', reason: 'customer-read' });
}

async function day(): Promise<OpenDay> {
  const platform = world.as('billing');
  const commits = await all(platform.events.read(STREAM, 0, await accessTo(platform, 'acc-home-1')));
  const state = commits.flatMap(({ events }) => events).reduce(meterDay.evolve, meterDay.initial);
  if (state.status === 'empty') throw new Error('no day');
  return state;
}

async function commits(): Promise<number> {
  const platform = world.as('billing');
  return (await all(platform.events.read(STREAM, 0, await accessTo(platform, 'acc-home-1')))).length;
}

describe('values of a foreign file as edits', () => {
  it('become agreed readings where they differ; of a final day, after a second person', async () => {
    expect(await take(csv([METER, 4, 10], [METER, 5, 12], [METER, 6, 13]))).toEqual({ slots: 2, days: 1, proposed: 1, unchanged: 1 });
    const [proposal] = [...(await day()).proposals.values()];
    expect(proposal).toMatchObject({
      kind: 'agreed',
      by: 'ann',
      reason: 'customer-read',
      note: expect.stringMatching(/file\.csv.*operator/),
    });
    const approved = (await day()) as OpenDay;
    const events = meterDay.decide({ type: 'ApproveEdit', edit: 1, by: 'ben', at: 9 }, approved);
    const state = events.reduce(meterDay.evolve, approved as ReturnType<typeof meterDay.evolve>) as OpenDay;
    const view = emptyView();
    viewSlot(state.channels[0]!, 5, true, view);
    expect([view.counts, SLOT_SOURCES[view.source], view.edited]).toEqual([12, 'E11', true]);
  });

  it('who imports stands with the access', async () => {
    await take(csv([METER, 4, 10], [METER, 5, 12]));
    const platform = world.as('auditor');
    const accesses: unknown[] = [];
    for await (const stream of platform.events.streams('access/')) {
      if (!stream.endsWith('.editing')) continue;
      for (const { events } of await all(platform.events.read(stream, 0))) accesses.push(...events);
    }
    expect(accesses).toMatchObject([{ type: 'DataAccessed', data: { purpose: 'editing', person: 'ann', subjects: ['acc-home-1'] } }]);
  });

  it('run again, the file changes nothing', async () => {
    const file = csv([METER, 5, 12], [METER, 6, 13]);
    await take(file);
    const before = await commits();
    await take(file);
    expect(await commits()).toBe(before);
  });

  it('NEM12 finds its channel by the suffix and its usage point by the NMI', async () => {
    const from = Date.UTC(2026, 9, 24, 14) / 1000;
    const lines: string[] = [];
    const writer = new NemWriter((line) => lines.push(line));
    writer.header({ version: 'NEM12', created: '202611010000', from: 'A', to: 'B' });
    const lane = { usagePoint: 'home-1', meterId: 'CHECK1', channel: 0, direction: 'import', unit: 'Wh', minutes: 15 } as const;
    const bare = { source: 'measured', scaled: false, confidence: 100, revision: 1, final: true, register: null, edit: null } as const;
    const slots = [7, 8].map((slot) => ({ end: START + (slot + 1) * 900, energyWh: 11, ...bare }));
    const quality = () => ({ flag: 'A', method: null, reasonCode: null, reasonText: '' }) as const;
    const terms = { quality, utcOffsetMinutes: 600, updatedAt: '20261101000000' };
    writeNem12(writer, [{ lane, slots }], { from, until: from + 86_400 }, terms);
    writer.end();
    expect(await take(lines.join(''))).toMatchObject({ problems: [{ line: 3, what: expect.stringContaining('"CHECK1" does not hang') }] });
    // Of the supply everything was measured: a check meter has nothing to say.
    expect(await take(lines.join(''), 'check-meter')).toEqual({ slots: 0, days: 0, proposed: 0, unchanged: 2 });
  });

  it('a check meter fills what nothing billable was measured for, and no measurement', async () => {
    const gap = [8, 9];
    await closePart(world.as, frameOf('home-1', '2026-10-24'), 10, { gap });
    const shift = (localDay('2026-10-24', ZONE).start - START) / 900;
    const file = csv([METER, shift + 7, 99], [METER, shift + 8, 12], [METER, shift + 9, 8]);
    expect(await take(file, 'check-meter')).toEqual({ slots: 2, days: 1, proposed: 1, unchanged: 1 });
    const platform = world.as('billing');
    const recorded = await all(platform.events.read(`meterday/${METER}/2026-10-24`, 0, await accessTo(platform, 'acc-home-1')));
    const [proposed] = recorded.flatMap(({ events }) => events.flatMap((event) => (event.type === 'EditProposed' ? [event.data] : [])));
    expect([...proposed!.sources].map((source) => SLOT_SOURCES[source])).toEqual(['E1', 'E1']);
    expect([...proposed!.confidence]).toEqual([95, 95]);
  });

  it.each<[string, () => string, string]>([
    [
      'a meter that is nowhere',
      () => csv([METER, 5, 12], [METER, 6, 12], ['ffffffffffffffff', 5, 1], ['ffffffffffffffff', 6, 1]),
      'no usage point',
    ],
    ['a day that is not closed', () => csv([METER, 5, 12], [METER, 6, 12], [METER, 105, 1]), '2026-10-26: the day is not closed'],
    ['another interval length', () => csv([METER, 5, 12], [METER, 7, 12]), 'intervals of 30 minutes, the meter has 15'],
    ['a file that is broken', () => `${csv([METER, 5, 12], [METER, 6, 12])}x\n`, 'cell'],
  ])('all or nothing: %s', async (_, file, what) => {
    const applied = await take(file());
    expect(applied).toMatchObject({ problems: [{ what: expect.stringContaining(what) }] });
    expect(await commits()).toBe(1);
    expect((await day()).proposals.size).toBe(0);
  });
});
