import type { Platform } from '../../platform/ports/platform.ts';

/** Longer than backups are kept: a stream that is put back from one finds what it stood on. */
const KEPT_MS = 40 * 86_400_000;

/** Deletes what stood in for commits and does no more, also where a run broke off before a stream stood on it. @returns how many */
export async function sweepStandIns({ objects, events, clock }: Platform): Promise<number> {
  let swept = 0;
  for (const prefix of ['relay/', 'access/']) {
    for (const key of await objects.olderThan(`checkpoints/${prefix}`, clock.now() - KEPT_MS)) {
      const at = key.lastIndexOf('/');
      const anchor = await events.anchor(key.slice('checkpoints/'.length, at));
      if (anchor?.body.toString('hex') === key.slice(at + 1)) continue;
      await objects.delete(key);
      swept++;
    }
  }
  return swept;
}
