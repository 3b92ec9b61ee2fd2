import type { Platform } from '../../platform/ports/platform.ts';
import { SIGN_IN_MONTHS } from '../../topology/retention.ts';
import { utcMonth } from '../shared/access/sign-in-streams.ts';

const CURSOR = 'retention/sign-ins-to';
/** So far back is looked where nobody knows how far it was done. */
const LOOK_BACK_MONTHS = 36;

/** Rows that open sign-ins of months past their time, month by month behind the last that is done. */
export async function dueSignIns({ keys, clock, directory }: Platform): Promise<readonly string[]> {
  const done = (await directory.get(CURSOR))?.toString() ?? '';
  const due: string[] = [];
  for (let back = SIGN_IN_MONTHS + LOOK_BACK_MONTHS; back > SIGN_IN_MONTHS; back--) {
    const month = utcMonth(clock.now(), back);
    if (month > done) due.push(...(await keys.list(`sign-in/${month}/`)).map(({ id }) => id));
  }
  return due;
}

/** All of them are destroyed. */
export async function noteSignIns({ clock, directory }: Platform): Promise<void> {
  await directory.put([{ key: CURSOR, value: Buffer.from(utcMonth(clock.now(), SIGN_IN_MONTHS + 1)) }]);
}
