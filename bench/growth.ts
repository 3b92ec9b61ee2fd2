import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LARGE_PAGES } from '../bin/terminal/large-pages.ts';
import type { IngestAnswer, IngestRequest } from './ingest-process.ts';
import { Helper } from './ipc.ts';
import { atMost, type Result } from './measure.ts';
import { CYCLE, READINGS } from './sealed-load.ts';
import type { SealedAnswer, SealingRequest } from './sealing-process.ts';

/**
 * Hours before the clock counts: they fold segments, load keys, answer first frames, and let the engine compile. A small
 * town needs more of them for as many frames. An epoch's keys last 14 days, so no town has more than 336 hours in all.
 */
const TOWNS = [
  { meters: 1_000, warmUp: 24, cyclesOfRound: 5 },
  { meters: 10_000, warmUp: 4, cyclesOfRound: 2 },
  { meters: 100_000, warmUp: 4, cyclesOfRound: 1 },
] as const;
/** As `npm start` runs it. */
const AS_STARTED = { execArgv: ['--max-semi-space-size=64'], env: LARGE_PAGES };

type Town = (typeof TOWNS)[number];

interface Spent {
  elapsed: number;
  processor: number;
}

/** A town's hours and the process that takes them, one cycle after the other. */
class Measured {
  readonly town: Town;
  readonly spent: Spent = { elapsed: 0, processor: 0 };
  readonly #process: Helper<IngestRequest, IngestAnswer> = new Helper('./ingest-process.ts', AS_STARTED);
  readonly #folder: string;
  readonly #hours: number;
  #next = 1;

  constructor(town: Town, folder: string, rounds: number) {
    this.town = town;
    this.#folder = folder;
    this.#hours = town.warmUp + rounds * town.cyclesOfRound * CYCLE;
  }

  async prepare(): Promise<void> {
    const stateDir = join(this.#folder, 'state');
    const folder = join(this.#folder, 'hours');
    mkdirSync(stateDir, { recursive: true });
    mkdirSync(folder);
    const sealing = new Helper<SealingRequest, SealedAnswer>('./sealing-process.ts');
    try {
      await sealing.ask({ type: 'seal', stateDir, folder, meters: this.town.meters, hours: this.#hours }, 'sealed');
    } finally {
      await sealing.end();
    }
    await this.#process.ask({ type: 'open', stateDir, folder }, 'opened');
    await this.#take(this.town.warmUp);
  }

  async round(): Promise<void> {
    const { elapsed, processor } = await this.#take(this.town.cyclesOfRound * CYCLE);
    this.spent.elapsed += elapsed;
    this.spent.processor += processor;
  }

  /** @returns us per reading over all rounds */
  per(rounds: number, what: keyof Spent): number {
    return (this.spent[what] * 1000) / (rounds * this.town.cyclesOfRound * CYCLE * this.town.meters * READINGS);
  }

  async close(): Promise<void> {
    await this.#process.ask({ type: 'close' }, 'closed');
  }

  end(): Promise<void> {
    return this.#process.end();
  }

  #take(hours: number): Promise<Spent> {
    const from = this.#next;
    this.#next += hours;
    return this.#process.ask({ type: 'take', from, to: this.#next - 1 }, 'taken');
  }
}

/** Time per reading at 1,000, 10,000 and 100,000 meters: each town in a process of its own, measured in turn. */
export async function growth(rounds: number): Promise<Result[]> {
  const root = mkdtempSync(join(tmpdir(), 'joulekeep-bench-'));
  const towns = TOWNS.map((town) => new Measured(town, join(root, String(town.meters)), rounds));
  try {
    for (const town of towns) await town.prepare();
    for (let round = 0; round < rounds; round++) for (const town of towns) await town.round();
    for (const town of towns) await town.close();
    const label = 'growth from 1,000 to 100,000 meters';
    const elapsed = towns.map((town) => town.per(rounds, 'elapsed'));
    const processor = towns.map((town) => town.per(rounds, 'processor'));
    return [
      ...lines(elapsed, ''),
      atMost(label, spread(elapsed), 'ratio', 1.3),
      ...lines(processor, ', processor time'),
      { name: `${label}, processor time`, value: spread(processor), unit: 'ratio' },
    ];
  } finally {
    for (const town of towns) await town.end();
    rmSync(root, { recursive: true, force: true });
  }
}

function lines(microseconds: readonly number[], what: string): Result[] {
  return TOWNS.map(({ meters }, i) => {
    return { name: `durable ingest, ${meters.toLocaleString('en')} meters${what}`, value: microseconds[i]!, unit: 'us/reading' };
  });
}

function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values);
}
