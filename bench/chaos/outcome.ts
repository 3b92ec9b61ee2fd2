import { median, percentile } from '../measure.ts';
import type { Counted } from './counting.ts';
import { nameOf } from './counting.ts';
import type { SentBatch, Standing } from './protocol.ts';

/** What came of one scenario: a line of the table. */
export interface Outcome {
  readonly scenario: string;
  /** What was done, in one line. */
  readonly done: string;
  readonly offered: number;
  readonly accepted: number;
  readonly setAside: number;
  readonly lost: number;
  readonly twice: number;
  /** Of honest clients, ms of the machine's time. */
  readonly before?: Latency;
  readonly during?: Latency;
  /** Seconds of the machine's time until nothing waited any more. */
  readonly drained: number;
  /** What did not hold; nothing when all did. */
  readonly broken: readonly string[];
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** What every scenario promises, whatever else it does. */
export interface Promises {
  /** Frames that honest devices may have been refused: none, where nobody touches their clock. */
  readonly mayBeSetAside?: boolean;
  /** Messages in dead letters, by queue. */
  readonly dead?: Readonly<Record<string, number>>;
  /** Positions that feeds set aside, each once and no other: feed, stream and version. */
  readonly aside?: readonly string[];
  /** Honest clients wait at most so many times as long as before. */
  readonly within?: number;
}

/** From the devices' first try to the durable commit, ms of the machine's time. */
export function latencyOf(batches: readonly SentBatch[], { recordedAt }: Counted, speed = 1): Latency {
  const waits = batches.flatMap((batch) => {
    const at = recordedAt.get(nameOf(batch));
    return at === undefined ? [] : [(at - batch.at) / speed];
  });
  return latency(waits);
}

export function latency(waits: readonly number[]): Latency {
  if (waits.length === 0) throw new Error('chaos: no honest client was measured');
  return { p50: percentile(waits, 50), p99: percentile(waits, 99) };
}

/** Of several rounds. */
export function medianLatency(rounds: readonly Latency[]): Latency {
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}

/** Clocks tell whole milliseconds, and a machine that others use is late by some now and then: less than this is no delay. */
const LEAST_MS = 20;

export function ratioOf(before: number, during: number): number {
  return during / Math.max(before, LEAST_MS);
}

export function figures({
  offered,
  accepted,
  setAside,
  lost,
  twice,
}: Counted): Pick<Outcome, 'offered' | 'accepted' | 'setAside' | 'lost' | 'twice'> {
  return { offered, accepted, setAside, lost, twice };
}

/** What did not hold of a scenario's promises. */
export function broken(
  counted: Counted,
  { dead, aside, where }: Pick<Standing, 'dead' | 'aside' | 'where'>,
  drained: number,
  promises: Promises,
  latencies: { readonly before?: Latency; readonly during?: Latency } = {},
): string[] {
  const faults: string[] = [];
  const fault = (holds: boolean, what: string) => void (holds || faults.push(what));
  fault(counted.offered > 0, 'nothing was offered');
  fault(counted.lost === 0, `${counted.lost} frames lost`);
  fault(counted.twice === 0, `${counted.twice} frames counted twice`);
  fault(counted.energyMissing === 0, `store and meters differ by ${counted.energyMissing} Wh`);
  fault(promises.mayBeSetAside === true || counted.setAside === 0, `${counted.setAside} honest frames set aside`);
  fault(counted.unsound === 0, `${counted.unsound} streams do not verify`);
  fault(drained < Number.POSITIVE_INFINITY, `the backlog did not drain: ${where.join(', ')}`);
  fault(same(dead, promises.dead ?? {}), `dead letters: ${JSON.stringify(dead)}`);
  for (const position of promises.aside ?? []) fault(aside.includes(position), `not set aside: ${position}`);
  const others = aside.filter((position, n) => promises.aside?.includes(position) !== true || aside.indexOf(position) !== n);
  fault(others.length === 0, `positions set aside: ${others.join('; ')}`);
  const { before, during } = latencies;
  if (promises.within !== undefined && before !== undefined && during !== undefined) {
    for (const point of ['p50', 'p99'] as const) {
      const ratio = ratioOf(before[point], during[point]);
      fault(ratio <= promises.within, `honest ${point} ${ratio.toFixed(1)} times as long`);
    }
  }
  return faults;
}

function same(a: object, b: object): boolean {
  const sorted = (of: object) => JSON.stringify(Object.entries(of).sort(([x], [y]) => (x < y ? -1 : 1)));
  return sorted(a) === sorted(b);
}
