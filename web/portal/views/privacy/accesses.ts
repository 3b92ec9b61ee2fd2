import type { AccessList } from '../../../../api/customer-account.ts';
import { localDayOf } from '../../../shared/local-date.ts';

export type Access = AccessList['accesses'][number];

/** Accesses of one local day by the same function or person for the same reason: what runs each hour is one line. */
export interface AccessGroup {
  readonly day: string;
  readonly by: string;
  readonly person: string | null;
  readonly purpose: string;
  /** The latest of them. */
  readonly at: string;
  readonly times: number;
  /** Span of the data that was opened, all together. */
  readonly from: string;
  readonly until: string;
}

/** A page behind those that are there. */
export function joined({ accesses }: AccessList, next: AccessList): AccessList {
  return { ...next, accesses: [...accesses, ...next.accesses] };
}

/** Newest first. @param zone IANA */
export function grouped(accesses: readonly Access[], zone: string): AccessGroup[] {
  const groups = new Map<string, AccessGroup>();
  for (const { at, by, person, purpose, from, until } of accesses) {
    const day = localDayOf(at, zone);
    const key = JSON.stringify([day, by, person, purpose]);
    const group = groups.get(key);
    groups.set(key, {
      ...{ day, by, person, purpose },
      at: later(group?.at, at),
      times: (group?.times ?? 0) + 1,
      from: earlier(group?.from, from),
      until: later(group?.until, until),
    });
  }
  return [...groups.values()].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) > Date.parse(other) ? one : other;
}

function earlier(one: string | undefined, other: string): string {
  return one !== undefined && Date.parse(one) < Date.parse(other) ? one : other;
}
