import { account, type KnownAccount } from '../../domain/account/account.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { UsageError } from './fail.ts';

/** @throws UsageError for an account that nobody opened */
export async function knownAccount({ events }: Pick<Platform, 'events'>, id: string): Promise<KnownAccount> {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw new UsageError(`${id}: an account is named by letters, digits, dots, dashes, at most 64`);
  const { state } = await foldStream(events, `account/${id}`, account);
  if (state.status !== 'unopened') return state;
  throw new UsageError(`${id}: there is no such account; joulekeep account list shows those there are, joulekeep account open makes one`);
}
