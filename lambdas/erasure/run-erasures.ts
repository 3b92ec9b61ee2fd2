import { JoulekeepError } from '../../events/index.ts';
import { Eraser, type ErasureParts, type ErasureProgress, isWaiting } from './erase-one.ts';
import { ERASURES } from './erasure-stream.ts';

const OVER = 'erasure-over/';

export interface ErasureRun {
  readonly progress: readonly ErasureProgress[];
  /** Accounts that a fault kept from it; the next run tries again. */
  readonly failed: readonly string[];
}

/** Every erasure that is not over, each as far as it can go. One that fails keeps nobody's from going on. */
export async function runErasures(parts: ErasureParts): Promise<ErasureRun> {
  const { events, directory, log } = parts.platform;
  const eraser = new Eraser(parts);
  const progress: ErasureProgress[] = [];
  const failed: string[] = [];
  for await (const stream of events.streams(ERASURES)) {
    const account = stream.slice(ERASURES.length);
    // Lost, it is looked at once more.
    if ((await directory.get(OVER + account)) !== undefined) continue;
    try {
      const one = await eraser.bring(account);
      if (one.status === 'complete') await directory.put([{ key: OVER + account, value: Buffer.from('1') }]);
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

/** Erasures that wait for what should be over: telemetry that retention did not delete, days that nobody sealed again. */
export function stuckOf({ progress, failed }: ErasureRun): number {
  return failed.length + progress.filter(({ waitsFor }) => waitsFor === 'telemetry').length;
}
