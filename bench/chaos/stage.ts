import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Part, Trouble } from '../../test/support/faults.ts';
import { freePort } from '../../tools/lanes/server.ts';
import { Helper } from '../ipc.ts';
import { HOUR } from '../sealed-load.ts';
import { type Counted, count } from './counting.ts';
import {
  type ChaosClock,
  type ChaosTown,
  type DevicesAnswer,
  type DevicesRequest,
  type Flood,
  now,
  type SentBatch,
  type ServiceAnswer,
  type ServiceRequest,
  type Standing,
  type TownRequest,
} from './protocol.ts';

export type ServiceHelper = Helper<ServiceRequest, ServiceAnswer>;
export type Devices = Helper<DevicesRequest, DevicesAnswer>;

const POLL_MS = 250;
const MINUTE = 60_000;
/** A queue's visibility, of which a failed message waits the rest. */
const VISIBILITY_MS = 180_000;
const SERVICE = { execArgv: ['--max-semi-space-size=64'] };

/** A town enrolled once; every scenario begins with a copy of it. */
export interface Theatre {
  readonly folder: string;
  readonly town: ChaosTown;
}

export async function openTheatre(): Promise<Theatre> {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-chaos-'));
  const helper = new Helper<TownRequest, ChaosTown>('./chaos/town-process.ts');
  try {
    return { folder, town: await helper.ask({ type: 'enrol', stateDir: join(folder, 'town') }, 'enrolled') };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await helper.end();
  }
}

export interface StageOptions {
  /** Milliseconds of the scenario's clock in one of the machine's; 1. */
  readonly speed?: number;
  /** Default: none. */
  readonly schedules?: 'all' | readonly string[];
  /** Whether schedules run by themselves; by default where there are all. */
  readonly timer?: boolean;
  readonly poison?: string;
  /** Real ms before a failed message shows again; default: its queue's visibility as the clock goes, 3 s at most. */
  readonly retryMs?: number;
}

/** One scenario's service, and the devices around it, each in a process of its own. */
export class Stage {
  readonly town: ChaosTown;
  readonly stateDir: string;
  clock: ChaosClock;
  readonly sent: SentBatch[] = [];
  service!: ServiceHelper;
  served!: Extract<ServiceAnswer, { type: 'booted' }>;
  readonly #options: StageOptions;
  readonly #devices: Devices[] = [];
  #port = 0;

  private constructor({ folder, town }: Theatre, name: string, options: StageOptions) {
    this.town = town;
    this.stateDir = join(folder, name);
    this.#options = options;
    this.clock = { at: Date.now(), since: Date.now(), speed: options.speed ?? 1 };
    cpSync(join(folder, 'town'), this.stateDir, { recursive: true });
  }

  static async open(theatre: Theatre, name: string, options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(theatre, name, options);
    stage.#port = await freePort();
    await stage.boot();
    return stage;
  }

  /** Again after `service.kill()`. */
  async boot(): Promise<void> {
    const {
      speed = 1,
      schedules = [],
      timer = schedules === 'all',
      poison,
      retryMs = Math.min(3_000, VISIBILITY_MS / speed),
    } = this.#options;
    this.service = new Helper('./chaos/service-process.ts', SERVICE);
    const { stateDir, clock } = this;
    const how = { stateDir, clock, port: this.#port, retryMs, schedules, timer, ...(poison === undefined ? {} : { poison }) };
    this.served = await this.service.ask({ type: 'boot', ...how }, 'booted');
  }

  /** Puts the clock forward, to where it stands at that minute of an hour. */
  async align(minute: number): Promise<void> {
    const by = (minute * MINUTE + HOUR - (now(this.clock) % HOUR)) % HOUR;
    await this.service.ask({ type: 'jump', by, run: false }, 'done');
    this.clock = { ...this.clock, at: this.clock.at + by };
  }

  /** A process of devices. @param from, to numbers of concentrators, from 1 */
  async devices(from: number, to: number): Promise<Devices> {
    const helper: Devices = new Helper('./chaos/devices-process.ts');
    this.#devices.push(helper);
    const dcIds = Array.from({ length: to - from + 1 }, (_, n) => `street-${from + n}`);
    const { url, ca } = this.served;
    await helper.ask({ type: 'connect', town: this.town, dcIds, url, ca }, 'connected');
    return helper;
  }

  /** Honest frames at an even pace. @returns what the gateway acknowledged */
  async send(devices: Devices, framesPerSecond: number, seconds: number): Promise<readonly SentBatch[]> {
    const { batches } = await devices.ask({ type: 'send', clock: this.clock, framesPerSecond, seconds }, 'sent');
    this.sent.push(...batches);
    return batches;
  }

  /** Says HELLO for every newcomer that these devices hear. @returns how many the gateway acknowledged */
  async greet(devices: Devices, seconds: number): Promise<number> {
    const { newcomers, agreementKeyId } = this.town;
    return (await devices.ask({ type: 'greet', newcomers, agreementKeyId, seconds }, 'greeted')).hellos;
  }

  async flood(devices: Devices, what: Flood, seconds: number): Promise<{ readonly messages: number; readonly frames: number }> {
    return await devices.ask({ type: 'flood', clock: this.clock, what, seconds }, 'flooded');
  }

  async trouble(part: Part, trouble: Trouble | undefined): Promise<void> {
    await this.service.ask({ type: 'trouble', part, trouble }, 'done');
  }

  async standing(): Promise<Standing> {
    return await this.service.ask({ type: 'standing' }, 'standing');
  }

  /** Waits until nothing waits any more. @returns seconds; Infinity when it never came to that */
  async drained(mostSeconds = 60): Promise<number> {
    const started = performance.now();
    for (;;) {
      const seconds = (performance.now() - started) / 1000;
      if ((await this.standing()).waiting === 0) return seconds;
      if (seconds > mostSeconds) return Number.POSITIVE_INFINITY;
      await wait(POLL_MS);
    }
  }

  /** Ends the service in order and counts from what it left. */
  async count(): Promise<Counted> {
    for (const helper of this.#devices.splice(0)) await helper.end();
    await this.service.end();
    return await count(this.stateDir, this.town, this.sent);
  }

  async close(): Promise<void> {
    for (const helper of this.#devices.splice(0)) await helper.end();
    await this.service.end();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
