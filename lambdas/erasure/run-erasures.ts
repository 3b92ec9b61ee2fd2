import { JoulekeepError } from '../../events/index.ts';
import { Eraser, type ErasureParts, type ErasureProgress, isWaiting } from './erase-one.ts';
import { ERASURES } from './erasure-stream.ts';

/** When to look again, UTC ms. A hint: lost, an erasure is looked at once more. */
const NEXT = 'erasure-next/';
const DAY_MS = 86_400_000;

export interface ErasureRun {
  readonly progress: readonly ErasureProgress[];
  /** Accounts that a fault kept from it; the next run tries again. */
  readonly failed: readonly string[];
}

/** Every erasure that is not over, each as far as it can go. One that fails keeps nobody's from going on. */
export async function runErasures(parts: ErasureParts): Promise<ErasureRun> {
  const { events, directory, clock, log } = parts.platform;
  const eraser = new Eraser(parts);
  const progress: ErasureProgress[] = [];
  const failed: string[] = [];
  for await (const stream of events.streams(ERASURES)) {
    const account = stream.slice(ERASURES.length);
    if (Number((await directory.get(NEXT + account))?.toString() ?? 0) > clock.now()) continue;
    try {
      const one = await eraser.bring(account);
      const next = nextLook(one, clock.now());
      if (next > 0) await directory.put([{ key: NEXT + account, value: Buffer.from(String(next)) }]);
      progress.push(one);
    } catch (error) {
      // A hold came between looking and deciding.
      if (isWaiting(error)) continue;
      failed.push(account);
      log.error('an erasure does not go on', { stream, code: error instanceof JoulekeepError ? error.code : 'fault' });
    }
  }
  return { progress, failed };
}

/** One that waits for the law alone does so for years: a look a day is enough. One that is complete is looked at no more. */
function nextLook({ status, waitsFor }: ErasureProgress, now: number): number {
  if (status === 'complete') return Number.MAX_SAFE_INTEGER;
  return status === 'erased' && waitsFor === 'law' ? now + DAY_MS - DAY_MS / 48 : 0;
}

/** Whether it waits for what should be over: telemetry that retention did not delete, a meter that has not spoken since. */
export function isLate(one: ErasureProgress): one is Required<ErasureProgress> {
  return one.waitsFor === 'telemetry' || one.waitsFor === 'silent';
}

/** How many are late or failed. */
export function stuckOf({ progress, failed }: ErasureRun): number {
  return failed.length + progress.filter(isLate).length;
}
