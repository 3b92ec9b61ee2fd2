import { codeOf } from '../../events/errors.ts';
import { utcDate } from '../shared/days/utc-date.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import type { EndingParts } from './end-access.ts';
import { Eraser, type ErasureProgress, isWaiting } from './erase-one.ts';
import { ERASURES } from './erasure-stream.ts';

/** When to look again, UTC ms. A hint: lost, an erasure is looked at once more. */
const NEXT = 'erasure-next/';
const OVER = Number.MAX_SAFE_INTEGER;
/** The UTC day on which every erasure was looked at, whatever the hints say: one that is wrong hides nothing for longer. */
const LOOKED = 'erasure-looked';
const DAY_MS = 86_400_000;

export interface ErasureRun {
  readonly progress: readonly ErasureProgress[];
  /** Accounts that a fault kept from it; the next run tries again. */
  readonly failed: readonly string[];
}

/** Every erasure that is not over, each as far as it can go; once a UTC day without asking hints. One that fails keeps nobody's from going on. */
export async function runErasures(parts: EndingParts): Promise<ErasureRun> {
  const { events, directory, clock, log } = parts.platform;
  const eraser = new Eraser(parts);
  const progress: ErasureProgress[] = [];
  const failed: string[] = [];
  const today = utcDate(clock.now());
  const lookedAt = await sinceRestore(directory, LOOKED);
  const asksHints = (await directory.get(lookedAt))?.toString() === today;
  for await (const stream of events.streams(ERASURES)) {
    const account = stream.slice(ERASURES.length);
    const hint = Number((await directory.get(NEXT + account))?.toString() ?? 0);
    if (asksHints && hint > clock.now()) continue;
    try {
      const one = await eraser.bring(account);
      const next = nextLook(one, clock.now());
      if (next !== hint) await directory.put([{ key: NEXT + account, value: Buffer.from(String(next)) }]);
      if (!isKnownOver(one, hint)) progress.push(one);
    } catch (error) {
      // A hold, or whoever takes it back, came between looking and deciding.
      if (isWaiting(error)) continue;
      failed.push(account);
      log.error('an erasure does not go on', { stream, code: codeOf(error) });
    }
  }
  if (!asksHints && failed.length === 0) await directory.put([{ key: lookedAt, value: Buffer.from(today) }]);
  return { progress, failed };
}

function isKnownOver({ status }: ErasureProgress, hint: number): boolean {
  return status === 'complete' && hint === OVER;
}

/** One that waits for the law alone does so for years: a look a day is enough. One that is complete is looked at no more. */
function nextLook({ status, waitsFor }: ErasureProgress, now: number): number {
  if (status === 'complete') return OVER;
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
