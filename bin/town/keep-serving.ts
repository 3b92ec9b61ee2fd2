import { doorLines } from '../door-ports.ts';
import type { Service } from '../service.ts';
import type { TownClock } from './clock.ts';
import { seedSignIns } from './demonstration.ts';
import type { FleetProcess } from './fleet-process.ts';

const BEAT_MS = 1_000;

interface Living {
  readonly service: Service;
  readonly fleet: FleetProcess;
  readonly clock: TownClock;
  readonly say: (line: string) => void;
  readonly stateDir: string;
  readonly kept: boolean;
}

/** The service goes on in real time until it is interrupted: handlers work, duties run, devices may connect. */
export async function keepServing({ service, clock, say, stateDir }: Living, interrupted: Promise<unknown>): Promise<void> {
  clock.run();
  say('');
  for (const line of doorLines(service.doors)) say(line);
  say('Sign in as:');
  await seedSignIns(service.platform.identity, say);
  say(`Serving. Look into it from another terminal: npm run joulekeep -- stream list --state ${stateDir}`);
  say('Ctrl-C ends it.');
  let over = false;
  void interrupted.then(() => {
    over = true;
  });
  while (!over) {
    await Promise.race([interrupted, new Promise((done) => setTimeout(done, BEAT_MS))]);
    if (!over) await service.platform.host.runDue();
  }
}
