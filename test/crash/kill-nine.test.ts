import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FromService, ToService } from '../../bin/service/serve.ts';
import type { FromFleet, Settled, ToFleet } from '../../devices/fleet/protocol.ts';
import type { TownRequest } from '../../devices/fleet/town.ts';
import { freePort } from '../../tools/lanes/server.ts';
import { Dice } from '../property/mortal.ts';
import { areaBooks } from './area-books.ts';
import { Child } from './child.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 12);
const SEED = Number(process.env['JOULEKEEP_SEED'] ?? 20_260_112);
const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));

/** A town and a service, each in a process of its own that may be killed at any moment. */
class Night {
  readonly stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-crash-'));
  readonly town: TownRequest;
  #fleet!: Child<ToFleet, FromFleet>;
  #service!: Child<ToService, FromService>;
  #port = 0;
  #meterIds: readonly string[] = [];
  now = START;

  constructor(town: TownRequest) {
    this.town = town;
  }

  async begin(): Promise<void> {
    this.#port = await freePort();
    await this.#startService();
    await this.#startFleet();
  }

  /** The service dies so many ms after time has begun to move; it comes back when the fleet is through. */
  async hour(move: number, killServiceAfter?: number, killFleetAfter?: number): Promise<void> {
    this.now += HOUR;
    const to = this.now + 5 * MINUTE;
    await this.#service.ask({ type: 'step', to }, 'stepped');
    const deaths: Promise<unknown>[] = [];
    if (killServiceAfter !== undefined) deaths.push(setTimeout(killServiceAfter).then(() => this.#service.kill()));
    if (killFleetAfter !== undefined) deaths.push(setTimeout(killFleetAfter).then(() => this.#fleet.kill()));
    const moved = this.#service.ask(
      { type: 'move', meterId: this.#meterIds[move % this.#meterIds.length]!, to: `0000${move % 3}` },
      'moved',
    );
    const advanced = this.#fleet.ask({ type: 'advance', to }, 'advanced');
    const played = Promise.all([moved, advanced]).then(() => this.#service.ask({ type: 'settle' }, 'settled'));
    // Dying in the middle is what this is about.
    await Promise.all([...deaths, deaths.length > 0 ? played.catch(() => undefined) : played]);
    await Promise.allSettled([advanced]);
    if (killServiceAfter !== undefined) await this.#startService();
    if (killFleetAfter !== undefined) await this.#startFleet();
    if (killServiceAfter !== undefined) await setTimeout(2_100);
  }

  async settle(): Promise<Settled> {
    for (let step = 1; ; step++) {
      const to = this.now + step * 6 * HOUR;
      await this.#service.ask({ type: 'step', to }, 'stepped');
      const settled = await this.#fleet.ask({ type: 'settle', to }, 'settled');
      await this.#service.ask({ type: 'settle' }, 'settled');
      if (settled.settled || settled.stalled || step === 40) return settled;
    }
  }

  async counts() {
    const truth = await this.#fleet.ask({ type: 'truth' }, 'truth');
    const recorded = await this.#service.ask({ type: 'record' }, 'recorded');
    return { truth, recorded };
  }

  async end(): Promise<void> {
    await this.#fleet.stop({ type: 'stop' }, 'stopped');
    await this.#service.stop({ type: 'stop' }, 'stopped');
  }

  async remove(): Promise<void> {
    await this.#fleet?.kill();
    await this.#service?.kill();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  async #startService(): Promise<void> {
    this.#service = new Child('bin/joulekeep.ts', ['serve', '--state', this.stateDir, '--port', String(this.#port)]);
    await this.#service.ask({ type: 'begin', at: this.now }, 'serving');
  }

  async #startFleet(): Promise<void> {
    this.#fleet = new Child('devices/fleet/main.ts', ['--state', this.stateDir]);
    const stock = await this.#fleet.ask({ type: 'commission', town: this.town }, 'stock');
    this.#meterIds = stock.meters.map(({ meterId }) => meterId);
    const commissioned = await this.#service.ask({ type: 'commission', stock }, 'commissioned');
    await this.#fleet.ask(commissioned, 'commissioned');
  }
}

describe('kill -9', () => {
  let night: Night;

  beforeEach(() => {
    night = new Night({ kind: 'synthetic', seed: 'crash', intervalMinutes: 15, concentrators: 2, meters: 16, start: START });
  });

  afterEach(() => night.remove());

  it(`ten deaths of the service and three of the fleet, a meter moved every hour, and counts and area sums reconcile (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    await night.begin();
    const deadly = new Set(dice.shuffled(Array.from({ length: 20 }, (_, hour) => hour + 1)).slice(0, 10));
    for (let hour = 1; hour <= 22; hour++) {
      // Moves begin with the hour as well: some of them break off.
      const fleetDies = hour % 7 === 0;
      await night.hour(dice.roll(1000), deadly.has(hour) ? 1 + dice.roll(120) : undefined, fleetDies ? 1 + dice.roll(60) : undefined);
    }
    const settled = await night.settle();
    expect(settled).toMatchObject({ settled: true, unacknowledged: 0 });
    const { truth, recorded } = await night.counts();
    expect(truth.readings).toBeGreaterThanOrEqual(16 * 22 * 4);
    expect(recorded).toMatchObject({ storedWh: truth.wh, readings: truth.readings, bySlotDigest: truth.bySlotDigest });
    expect(recorded.accepted + recorded.duplicate + recorded.quarantined).toBe(truth.framesPublished);
    await night.end();
    const { stdout } = await promisify(execFile)(process.execPath, [JOULEKEEP, 'verify', '--state', night.stateDir]);
    expect(stdout).toMatch(/ 0 streams with a bad commit\nlog of \d+ entries /);
    expect(await areaBooks(night.stateDir)).toEqual({ followed: truth.wh, madeAnew: truth.wh });
  }, 300_000);
});
