import type { Directory } from '../../../platform/ports/platform.ts';
import { restoreFence } from '../restore-fence.ts';

const PREFIX = 'reclose/';
/** Before the restore behind which it is so. */
const SETTLED = 'settled ';

/** A local day of a meter that lost how it stood when it was divided. */
export interface DayToReclose {
  readonly meterId: string;
  /** `yyyy-mm-dd`. */
  readonly day: string;
  /** Tells this note from a later one. */
  readonly noted: Buffer;
}

type Agenda = { readonly directory: Directory };

/** Notes a day before it is divided, so that no crash in between leaves it without an outcome. @param at UTC ms */
export async function noteReclose({ directory }: Agenda, meterId: string, day: string, at: number): Promise<void> {
  await directory.put([{ key: `${PREFIX}${meterId}/${day}`, value: Buffer.from(String(at)) }]);
}

export async function reclosesDue({ directory }: Agenda): Promise<DayToReclose[]> {
  const due: DayToReclose[] = [];
  const fence = await restoreFence(directory);
  for await (const { key, value } of directory.list(PREFIX)) {
    const [meterId, day] = key.slice(PREFIX.length).split('/') as [string, string];
    if (!isSettled(value.toString(), fence)) due.push({ meterId, day, noted: value });
  }
  return due;
}

/** Those that were noted again meanwhile stay. */
export async function settleReclose({ directory }: Agenda, done: readonly DayToReclose[]): Promise<void> {
  const keys = done.map(({ meterId, day }) => `${PREFIX}${meterId}/${day}`);
  const now = await directory.getMany(keys);
  const settled = keys.filter((_, i) => now[i]?.equals(done[i]!.noted));
  if (settled.length === 0) return;
  const value = Buffer.from(SETTLED + (await restoreFence(directory)));
  await directory.put(settled.map((key) => ({ key, value })));
}

/** What a day was closed with again may be gone by a restore: it is closed once more. Empty before there were restores to tell apart. */
function isSettled(value: string, fence: number): boolean {
  if (value !== '' && !value.startsWith(SETTLED)) return false;
  return Number(value.slice(SETTLED.length)) >= fence;
}
