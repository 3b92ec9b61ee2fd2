import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSubjectData } from '../../lambdas/shared/access/subject-data.ts';
import { runRelay } from '../../lambdas/shared/devices/relays.ts';
import { RETENTION } from '../../topology/retention.ts';
import { logEverything } from '../log/logged-state.ts';
import { RetentionWorld } from './retention-world.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
/** Past every time there is, whenever this is run. */
const LONG_AGO = Date.UTC(2010, 2, 1, 12);

let world: RetentionWorld;

beforeAll(async () => {
  world = await RetentionWorld.make(0);
  world.clock.set(LONG_AGO);
  await openSubjectData(world.as('billing'), { purpose: 'billing', from: 0, until: 1, subjects: ['acc-1', 'acc-2'] });
  await runRelay(world.as('enrol'), 'dc-1', { type: 'RegisterRelay', dcId: 'dc-1', fingerprint: 'f0', at: LONG_AGO });
  await world.as('archive').objects.put('quarantine/x', Buffer.from('1'));
  await logEverything(world.platform, world.clock);
  await world.platform.close();
});
afterAll(async () => {
  await world.reopen();
  await world.close();
});

function joulekeep(...args: string[]): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [JOULEKEEP, ...args], (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out }));
  });
}
const onState = (...args: string[]) => joulekeep(...args, '--state', world.directory);

describe('joulekeep retention', () => {
  it('says what would go, deletes it, says so, and has nothing to do the next time; verify is green', async () => {
    const would = await onState('retention', 'run', '--dry-run');
    expect(would.out).toContain('1 relay event of 1 concentrator would be deleted behind signed checkpoints');
    const done = await onState('retention', 'run');
    expect(done.out).toContain('1 relay event of 1 concentrator deleted behind signed checkpoints');
    expect(done.out).toContain('1 access event of 1 stream deleted behind signed summaries');
    expect(done.out).toContain('1 object of the quarantine deleted');
    expect([would.code, done.code]).toEqual([0, 0]);
    const again = await onState('retention', 'run');
    expect(again.out).toContain('0 relay events of 0 concentrators deleted');
    expect(again.out).toContain('0 objects of the quarantine deleted');
    expect(await onState('verify')).toMatchObject({ code: 0 });
  });

  it('a stream shows what stands in for what is gone', async () => {
    const access = await onState('stream', 'show', 'access/2010-03-01.billing');
    expect(access.out).toContain('deleted behind a signed checkpoint: everything up to version 0');
    expect(access.out).toContain('stands in for it: {"accesses":1,"subjects":2,"purposes":{"billing":1}');
    expect((await onState('stream', 'show', 'relay/dc-1')).out).toContain('"standing":"registered"');
  });

  it('lists every class with who enforces it', async () => {
    const { out } = await joulekeep('retention', 'list');
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(RETENTION.length);
    for (const [i, { name, enforcedBy }] of RETENTION.entries()) expect(lines[i]).toMatch(new RegExp(`^${name} .* ${enforcedBy}$`));
  });
});
