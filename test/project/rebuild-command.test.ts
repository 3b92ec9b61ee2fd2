import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { idOf } from '../contract/support/events.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { AT, collected, DAY, finalized } from './day-facts.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => discard(directory));

function rebuild(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [JOULEKEEP, 'rebuild', ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

it('joulekeep rebuild makes a model anew, and says how far it is', async () => {
  const embedded = await createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(AT), timer: false });
  const { events } = embedded.as('close-day');
  const subject = { of: 'usage', subject: 'anna', month: '2026-01' } as const;
  const head = await events.head(`meterday/m1/${DAY}`, subject);
  await events.append(head, { commitId: idOf('m1'), events: [collected(), finalized(1)], subject }).durable;
  await embedded.close();
  const { code, out, err } = rebuild('days', '--state', directory);
  expect([code, out]).toEqual([0, 'days made anew from 1 stream\n']);
  expect(err).toContain('100 %  1 of 1 streams');
  const again = await createEmbeddedPlatform({ stateDir: directory, clock: new ManualClock(AT), timer: false });
  expect(await Array.fromAsync(again.as('project').models.table('day-summaries').keys('up-1', ''))).toHaveLength(1);
  await again.close();
}, 30_000);

it('joulekeep rebuild says in one line what is wrong with its arguments', () => {
  expect(rebuild('days', '--state', `${directory}/nowhere`)).toEqual({
    code: 2,
    out: '',
    err: `joulekeep: ${directory}/nowhere: no state of a service there\n`,
  });
  expect(rebuild('everything', '--state', directory).code).toBe(2);
}, 30_000);
