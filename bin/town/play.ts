import type { Advanced, Settled, Truth } from '../../devices/fleet/protocol.ts';
import type { Service } from '../service/service.ts';
import type { TownClock } from './clock.ts';
import type { FleetProcess } from './fleet-process.ts';
import type { ProgressBar } from './progress.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SENDING = 5 * MINUTE;
/** Steps of virtual time after the last interval in which everything has to have arrived. */
const SETTLE_STEPS = 40;
const SETTLE_STEP = 6 * HOUR;

interface Parts {
  readonly service: Pick<Service, 'settle'>;
  readonly fleet: FleetProcess;
  readonly clock: TownClock;
}

export interface Played {
  readonly truth: Truth;
  readonly settled: Settled;
  /** UTC ms of virtual time. */
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** Steps virtual time hour by hour: the fleet measures and sends, the service works off what came, then the next hour. */
export async function play(parts: Parts, span: { from: number; to: number }, bar: ProgressBar): Promise<Played> {
  const { fleet } = parts;
  const started = performance.now();
  // The handshakes of the first minute, before there is anything to measure.
  await advance(parts, span.from + MINUTE);
  for (let to = span.from + HOUR; to <= span.to; to += HOUR) {
    // Meters send in the first minutes of the hour.
    const { framesPublished, readings } = await advance(parts, to + SENDING);
    bar.at((to - span.from) / (span.to - span.from), `${instant(to)}  ${readings} readings measured, ${framesPublished} frames sent`);
  }
  bar.end();
  const settled = await settle(parts, span.to);
  const truth = await fleet.ask({ type: 'truth' }, 'truth');
  return { truth, settled, from: span.from, to: settled.to, seconds: (performance.now() - started) / 1000 };
}

/**
 * Plays on behind the books: the hours up to the present, which goes on meanwhile. @param present UTC ms @param isOver asked before each hour
 */
export async function goOnTo(parts: Parts, present: () => number, bar: ProgressBar, isOver: () => boolean): Promise<void> {
  const from = parts.clock.now();
  for (let to = Math.min(from + HOUR, present()); !isOver(); to = Math.min(to + HOUR, present())) {
    await advance(parts, to);
    bar.at((to - from) / Math.max(1, present() - from), `${instant(to)}  up to the present`);
    if (present() - to < MINUTE) break;
  }
  bar.end();
}

async function advance({ service, fleet, clock }: Parts, to: number): Promise<Advanced> {
  clock.step(to);
  const advanced = await fleet.ask({ type: 'advance', to }, 'advanced');
  await service.settle();
  return advanced;
}

/** Nothing more is measured; meters send what is unacknowledged until nothing is, or nothing helps. */
async function settle(
  { service, fleet, clock }: { service: Pick<Service, 'settle'>; fleet: FleetProcess; clock: TownClock },
  from: number,
): Promise<Settled> {
  for (let step = 1; ; step++) {
    const to = from + step * SETTLE_STEP;
    clock.step(to);
    const settled = await fleet.ask({ type: 'settle', to }, 'settled');
    await service.settle();
    if (settled.settled || settled.stalled || step >= SETTLE_STEPS) return settled;
  }
}

/** e.g. `2026-11-22 14:00`. */
export function instant(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
