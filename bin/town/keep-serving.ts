import { doorLines } from '../service/door-ports.ts';
import type { Service } from '../service/service.ts';
import type { TownClock } from './clock.ts';
import { seedSignIns } from './demonstration.ts';
import type { FleetProcess } from './fleet-process.ts';
import { goOnTo } from './play.ts';
import type { ProgressBar } from './progress.ts';

const BEAT_MS = 1_000;
/** How often meters look whether it is their turn to send. */
const FLEET_MS = 30_000;

const ENDING = {
  kept: 'When it ends, what is under way is finished first: whatever was acknowledged is recorded, and the same command goes on from there.',
  removed:
    'When it ends, its state is removed: a town for looking at. With --state DIR all of it stays, and the same command goes on from there.',
} as const;

interface Living {
  readonly service: Service;
  readonly fleet: FleetProcess;
  readonly clock: TownClock;
  readonly say: (line: string) => void;
  readonly stateDir: string;
  /** State outlives the process. */
  readonly kept: boolean;
  /** A town without an end, whose days are those of the calendar: its meters go on. */
  readonly lives: boolean;
  readonly bar: ProgressBar;
}

/**
 * The service goes on in real time until it is interrupted: handlers work, duties run, devices and people may come. A town that lives catches
 * up with the present first, and its meters go on measuring.
 */
export async function keepServing(living: Living, interrupted: Promise<unknown>): Promise<void> {
  const { service, fleet, clock, say, stateDir, kept, bar } = living;
  let over = false;
  const interruption = interrupted.then(() => {
    over = true;
  });
  const lives = living.lives && clock.now() <= Date.now();
  if (lives) {
    await goOnTo({ service, fleet, clock }, Date.now, bar, () => over);
    clock.step(Date.now());
  }
  clock.run();
  if (!over) {
    say('');
    for (const line of doorLines(service.doors, kept)) say(line);
    say('Sign in as:');
    await seedSignIns(service.platform.identity, say);
    say(`Serving. Look into it from another terminal: npm run joulekeep -- stream list --state ${stateDir}`);
    say(ENDING[kept ? 'kept' : 'removed']);
    say('Ctrl-C ends it.');
  }
  for (let fleetAt = 0; !over; ) {
    await Promise.race([interruption, new Promise((done) => setTimeout(done, BEAT_MS))]);
    if (over) break;
    if (lives && Date.now() >= fleetAt) {
      await fleet.ask({ type: 'advance', to: clock.now() }, 'advanced');
      fleetAt = Date.now() + FLEET_MS;
    }
    await service.platform.host.runDue();
  }
}
