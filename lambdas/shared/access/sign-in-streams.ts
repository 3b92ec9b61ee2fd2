import type { KeyTable } from '../../../platform/ports/key-table.ts';
import type { SessionOwner } from '../../../platform/ports/sessions.ts';
import { SIGN_IN_MONTHS } from '../../../topology/retention.ts';
import { utcDate } from '../days/utc-date.ts';

/** Where tries under names that are nobody's are recorded: all together, or whoever tries would make a stream with each name. */
export const UNKNOWN = 'unknown';

/** Who the streams of somebody are named after. */
export function signInOwner({ role, person }: SessionOwner): string {
  return `${role === 'customer' ? 'customer' : 'person'}.${person}`;
}

/** The account, where streams of that name are a customer's. */
export function customerOfOwner(owner: string): string | undefined {
  return owner.startsWith('customer.') ? owner.slice('customer.'.length) : undefined;
}

/** @param at UTC ms @param owner as `signInOwner` names them, or `UNKNOWN` */
export function signInStream(at: number, owner: string): string {
  return `sign-in/${utcMonth(at)}/${owner}`;
}

/** `yyyy-mm`. @param at UTC ms @param back so many months before */
export function utcMonth(at: number, back = 0): string {
  const date = new Date(at);
  return utcDate(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1)).slice(0, 7);
}

/** Destroys what opens the sign-ins of somebody, every month of them that is kept. Can be repeated. @param now UTC ms @returns ids of the rows */
export async function destroySignIns(keys: KeyTable, owner: SessionOwner, now: number): Promise<readonly string[]> {
  const rows: string[] = [];
  // One more: the month that is over may still wait for its run.
  for (let back = 0; back <= SIGN_IN_MONTHS + 1; back++) {
    for (const { id } of await keys.list(`sign-in/${utcMonth(now, back)}/${signInOwner(owner)}/`)) {
      await keys.destroy(id);
      rows.push(id);
    }
  }
  return rows;
}
