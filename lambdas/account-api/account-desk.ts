import { account as accountDecider, type KnownAccount, tenancyOf } from '../../domain/account/account.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Clock, Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { KeptTariffs } from '../billing/kept-tariffs.ts';
import type { Consents } from '../consent/consents.ts';
import { foldStream } from '../shared/streams.ts';

/** What the use cases of a customer's account work with. */
export interface AccountDesk extends Platform {
  readonly consents: Consents;
  readonly tariffs: KeptTariffs;
  readonly defences: Pick<Defences, 'recentSignIn'>;
  /** That browsers go by. */
  readonly wall: Clock;
}

/** The caller's account. @throws ERR_NOT_OWN for one that was never opened */
export async function ownAccount({ events }: Pick<Platform, 'events'>, account: string): Promise<KnownAccount> {
  const { state } = await foldStream(events, `account/${account}`, accountDecider);
  if (state.status === 'unopened') throw notOwn();
  return state;
}

/** Usage points that are or were the account's. */
export function ownPoints(account: KnownAccount): readonly string[] {
  return Object.keys(account.tenancies).filter((point) => tenancyOf(account, point).length > 0);
}

/** The same for what is another's as for what there never was. */
export function notOwn(): JoulekeepError {
  return new JoulekeepError('ERR_NOT_OWN', 'there is no such thing of this customer');
}
