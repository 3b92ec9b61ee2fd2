import type { SharingList } from '../../../../api/customer-account.ts';

export type Arrangement = SharingList['sharing'][number];

const DAY_MS = 86_400_000;
/** From then on an arrangement says that it ends. */
const REMINDED_DAYS = 30;

export interface Arrangements {
  /** The one that ends next first. */
  readonly active: readonly Arrangement[];
  /** Newest end first. */
  readonly expired: readonly Arrangement[];
  readonly ended: readonly Arrangement[];
}

/** Sorts by how they stand. One that is past its end has expired, even where nobody has recorded that yet. @param now UTC ms */
export function sorted(sharing: readonly Arrangement[], now: number): Arrangements {
  const isOver = ({ expiresAt }: Arrangement) => Date.parse(expiresAt) <= now;
  const granted = sharing.filter(({ status }) => status === 'granted');
  const expired = [...granted.filter(isOver), ...sharing.filter(({ status }) => status === 'expired')];
  return {
    active: granted.filter((one) => !isOver(one)).sort((one, other) => Date.parse(one.expiresAt) - Date.parse(other.expiresAt)),
    expired: byEnd(expired),
    ended: byEnd(sharing.filter(({ status }) => status === 'revoked')),
  };
}

/** When it ended or will. UTC ms */
export function endOf({ endedAt, expiresAt }: Pick<Arrangement, 'endedAt' | 'expiresAt'>): number {
  return Date.parse(endedAt ?? expiresAt);
}

/** Whole days until it ends, where that is soon and most of it is over; undefined where not. @param now UTC ms */
export function endsSoon({ grantedAt, expiresAt }: Pick<Arrangement, 'grantedAt' | 'expiresAt'>, now: number): number | undefined {
  const [granted, end] = [Date.parse(grantedAt), Date.parse(expiresAt)];
  const days = Math.floor((end - now) / DAY_MS);
  const isNearlyOver = end - now < (end - granted) / 2;
  return days >= 0 && days < REMINDED_DAYS && isNearlyOver ? days : undefined;
}

function byEnd(sharing: readonly Arrangement[]): Arrangement[] {
  return [...sharing].sort((one, other) => endOf(other) - endOf(one));
}
