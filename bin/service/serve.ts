import { createHash } from 'node:crypto';
import type { Commissioned, Stock } from '../../devices/fleet/protocol.ts';
import { truthLine } from '../../devices/fleet/truth.ts';
import { codeOf, JoulekeepError } from '../../events/errors.ts';
import { moveMeter } from '../../lambdas/maintenance/move-meter.ts';
import { shownApplications } from '../site/sites.ts';
import { writeCompiledCode } from '../terminal/compiled-code.ts';
import { TownClock } from '../town/clock.ts';
import { type Recorded, recorded } from '../town/reconciliation.ts';
import { doorLines } from './door-ports.ts';
import type { DoorPorts } from './doors.ts';
import { Service } from './service.ts';

interface Place {
  readonly stateDir: string;
  readonly brokerPort?: number;
  readonly doorPorts?: DoorPorts;
  readonly witnessDir?: string;
}

/** What a conductor asks of a service that it forked (serialization 'advanced'), one thing at a time. */
export type ToService =
  /** Boots on the state directory at this instant of virtual time, UTC ms. Answer: `serving`. */
  | { readonly type: 'begin'; readonly at: number }
  /** Answer: `stepped`. */
  | { readonly type: 'step'; readonly to: number }
  /** Answer: `commissioned`. */
  | { readonly type: 'commission'; readonly stock: Stock }
  /** Answers `settled` when nothing is queued, nobody works, and what the clock demands is done. */
  | { readonly type: 'settle' }
  /** Moves a meter to another segment. Answer: `moved`. */
  | { readonly type: 'move'; readonly meterId: string; readonly to: string }
  /** Answer: `recorded`. */
  | { readonly type: 'record' }
  /** Closes everything and ends the process. Answer: `stopped`. */
  | { readonly type: 'stop' };

export type FromService =
  | { readonly type: 'serving'; readonly url: string }
  | { readonly type: 'stepped' | 'settled' | 'moved' | 'stopped' }
  | Commissioned
  | ({ readonly type: 'recorded' } & Counts)
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** What the streams say. */
export interface Counts extends Omit<Recorded, 'fold'> {
  /** SHA-256, hex, over the lines `meterId,channel,end_utc,wh` of all readings, sorted. */
  readonly bySlotDigest: string;
}

/** Serves in real time until it is interrupted. */
export async function serve(place: Place): Promise<void> {
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const service = await Service.boot({ ...place, clock: { now: () => Date.now() }, ...shownApplications(say) });
  try {
    say(`Joulekeep serves: MQTT over mutual TLS at ${service.platform.broker.url}, state in ${place.stateDir}`);
    for (const line of doorLines(service.doors, true)) say(line);
    say('Ctrl-C ends it.');
    writeCompiledCode();
    await interrupted;
    say('Ending: what is under way is finished first. Ctrl-C again ends it at once.');
  } finally {
    await service.close();
  }
  say(`Ended. Whatever was acknowledged is recorded in ${place.stateDir}: the same command goes on.`);
}

/** Serves whoever forked this process, until told to stop or left alone. */
export async function serveConducted(place: Place): Promise<void> {
  const conducted = new Conducted(place);
  let turn = Promise.resolve();
  const over = Promise.withResolvers<void>();
  // Ctrl-C reaches the whole group; when to end is the conductor's decision.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => over.resolve());
  process.on('message', (request: ToService) => {
    turn = turn.then(async () => {
      const answer = await conducted.answer(request).catch(failure);
      if (process.connected) process.send?.(answer);
      if (request.type === 'stop') over.resolve();
    });
  });
  await over.promise;
  await turn;
  await conducted.close();
  if (process.connected) process.disconnect();
}

class Conducted {
  readonly #place: Place;
  readonly #clock = new TownClock(0);
  #service: Service | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  async answer(request: ToService): Promise<FromService> {
    if (request.type === 'begin') return this.#begin(request.at);
    if (request.type === 'stop') {
      await this.close();
      return { type: 'stopped' };
    }
    const service = this.#service;
    if (service === undefined) throw new JoulekeepError('ERR_NOT_SERVING', `${request.type}: send begin first`);
    switch (request.type) {
      case 'step':
        this.#clock.step(request.to);
        return { type: 'stepped' };
      case 'commission':
        return service.commission(request.stock);
      case 'settle':
        await service.settle();
        return { type: 'settled' };
      case 'move':
        await moveMeter(service.platform.as('maintenance'), request.meterId, request.to);
        return { type: 'moved' };
      case 'record': {
        const { fold, ...counts } = await recorded(service.platform.as('auditor'));
        return { type: 'recorded', ...counts, bySlotDigest: slotDigest(fold) };
      }
    }
  }

  async close(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    await service?.close();
  }

  async #begin(at: number): Promise<FromService> {
    this.#clock.step(at);
    this.#service ??= await Service.boot({ ...this.#place, clock: this.#clock, timer: false });
    return { type: 'serving', url: this.#service.platform.broker.url };
  }
}

function slotDigest(fold: Recorded['fold']): string {
  const digest = createHash('sha256');
  for (const { meterId, channel, end, energyWh } of fold.sorted()) digest.update(truthLine(meterId, channel, end * 1000, energyWh));
  return digest.digest('hex');
}

function failure(error: unknown): FromService {
  return { type: 'failed', code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
}
