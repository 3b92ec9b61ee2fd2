import { afterEach, expect, it } from 'vitest';
import { runDuties } from '../../lambdas/maintenance/run-duties.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { AwsWorld } from '../aws/services/support/aws-world.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { ManualClock } from '../support/memory-platform.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 15, 9);
const OLGA = { person: 'olga', role: 'operator', keyThumbprint: 'k'.repeat(43), method: 'passkey', device: 'Firefox on Linux' } as const;

interface World {
  readonly clock: { now(): number; advance(ms: number): void };
  as(principal: 'session' | 'maintenance'): Platform;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function embedded(): Promise<World> {
  const clock = new ManualClock(START);
  const stateDir = temporaryDirectory();
  const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  closing.push(
    () => platform.close(),
    () => discard(stateDir),
  );
  return { clock, as: (principal) => platform.as(principal) };
}

it.each([
  ['embedded', 47.5, embedded],
  ['embedded', 24 * 900, embedded],
  ['aws', 47.5, () => AwsWorld.at(START)],
  ['aws', 24 * 900, () => AwsWorld.at(START)],
] as const)(
  'R9.2-3, C10.2-2: %s: all sessions end again, of those too that began %d hours behind the last time',
  async (_, hours, make) => {
    const world: World = await make();
    const { clock } = world;
    const { keys, directory } = world.as('session');
    const sessions = new Sessions({ keys, directory, clock, wall: clock });
    await sessions.endAll(OLGA);
    clock.advance(hours * HOUR);
    const { record } = await sessions.begin({ ...OLGA, signedInAt: clock.now() });
    clock.advance(HOUR);
    // What has had its time goes.
    await runDuties(world.as('maintenance'), ALL_DEFENCES);
    const { token } = await sessions.renew(record);
    expect(await sessions.find(token)).toMatchObject({ generation: 1 });
    await sessions.endAll(OLGA);
    expect(await sessions.find(token)).toEqual({ refused: 'session-ended' });
    expect(await sessions.of(OLGA)).toEqual([]);
  },
);
