import type { SignInList } from '../../../../api/sign-ins.ts';
import { dateTime } from '../../../shared/format.ts';
import { t } from './messages.ts';

export type SignIn = SignInList['signIns'][number];

/** Refused tries that the customer may not have heard of: before the sign-in that asks, and since. */
export function refusedRecently({ signIns, refusedSince }: SignInList): number {
  const asking = signIns.findIndex(({ current }) => current);
  return signIns.slice(0, asking + 1).reduce((sum, { refusedBefore }) => sum + refusedBefore, refusedSince);
}

/** Whether a sign-in still holds, or how it ended. @param zone IANA */
export function standingWords({ state, why, endedAt }: SignIn, zone: string): string {
  if (state === 'open' || endedAt === null) return t('standing.open');
  const when = dateTime(endedAt, { zone });
  return why === null ? t('standing.over', { when }) : t(`standing.${why}`, { when });
}
