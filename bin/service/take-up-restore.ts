import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../events/errors.ts';
import { nameOf, receiptOf, receiptPlace } from '../../lambdas/log/receipt.ts';
import { logTakenBack } from '../../lambdas/log/taken-back.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { cutOffAgain } from '../../lambdas/maintenance/say-again-devices.ts';
import { leaveToFeed } from '../../lambdas/project/make-anew.ts';
import { raiseFence } from '../../lambdas/shared/restore-fence.ts';
import { restored } from '../../platform/embedded/backup.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { type LogEntry, takenBackEntry } from '../../protocol/log/entry.ts';
import { headsIn } from '../log-check/receipts.ts';

/** What `putBack` says of it. */
export interface PutBack {
  /** UTC ms. */
  readonly takenAt: number;
  /** Folder of what was there, and those of tries that broke off. */
  readonly aside: string;
  readonly brokenOff: readonly string[];
}

export interface TakenUp {
  /** Meters that are answered again once they have agreed new keys. */
  readonly waiting: number;
  /** Streams that lost commits; their receipt, where there are any. */
  readonly streams: number;
  readonly receipt?: string;
  /** Devices that a person has to look at, each with why. */
  readonly lookAt: readonly string[];
  /** Why the log could not be told: it is not the one that was signed. */
  readonly logRefused?: unknown;
}

/**
 * All that has to happen between putting commits back and using them, in this order: meters are fenced off; the receipt lies there; the log says what
 * was taken back; only then anything is recorded, and the state is open at last. Whatever breaks off is done again, from `putBack` on: what was recorded
 * before the log is told would have no place there, for good. A log that is damaged has nothing more to lose, and holds up no meter. @throws whatever else fails: the state stays closed then
 */
export async function takeUpPutBack(stateDir: string, as: (principal: string) => Platform, back: PutBack): Promise<TakenUp> {
  await raiseFence(as('maintenance').directory, as('maintenance').clock.now());
  const told = await takeBackLog(as, back);
  const waiting = await afterRestore(as('maintenance'));
  const lookAt = await cutOffAgain(as('maintenance'));
  await leaveToFeed(as('project').directory);
  await restored(stateDir);
  return { waiting, lookAt, ...told };
}

async function takeBackLog(as: (principal: string) => Platform, back: PutBack): Promise<Omit<TakenUp, 'waiting' | 'lookAt'>> {
  const receipt = join(back.aside, 'taken-back.json');
  let streams = toldBefore(back);
  const keep = async (found: readonly LogEntry[]) => {
    streams = [...new Map([...streams, ...found].map((head) => [nameOf(takenBackEntry(head)), head])).values()];
    if (streams.length === 0) return;
    const restoredAt = as('log').clock.now();
    const text = receiptOf({ takenAt: back.takenAt, restoredAt, streams });
    writeFileSync(receipt, text, { mode: 0o600, flush: true });
    // The service's own check finds it there.
    await as('maintenance').objects.put(receiptPlace(restoredAt), Buffer.from(text));
  };
  try {
    await logTakenBack(as('log'), as('maintenance').events, keep);
    return { streams: streams.length, ...(streams.length === 0 ? {} : { receipt }) };
  } catch (error) {
    if (codeOf(error) !== 'ERR_LOG_REFUSED') throw error;
    return { streams: 0, logRefused: error };
  }
}

/** What the log was told by tries that broke off, or was about to be. */
function toldBefore({ brokenOff }: PutBack): readonly LogEntry[] {
  const files = brokenOff.map((folder) => join(folder, 'taken-back.json')).filter((file) => existsSync(file));
  const last = files.at(-1);
  return last === undefined ? [] : headsIn(last);
}
