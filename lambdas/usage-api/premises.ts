import { type AccountState, account, tenancyOf } from '../../domain/account/account.ts';
import { spansOf } from '../../domain/usagepoint/tenancy.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { OpenUsagePoint, UsagePointState } from '../../domain/usagepoint/usagepoint-state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { usagePointStream } from '../register/change-point.ts';
import { foldStream, WarmStreams } from '../shared/streams.ts';

/** UTC ms; `until` is the first instant after it. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** A usage point of a customer, and when it is theirs. */
export interface OwnPremises {
  readonly account: string;
  readonly point: OpenUsagePoint;
  /** Rising; the last one may last: `until` is Infinity. */
  readonly spans: readonly Span[];
}

/** Accounts and usage points that stay in memory between requests; they are read on from there, never believed as they are. */
const KEPT = 5_000;

/**
 * Which usage points are a customer's. The account says so before anything of a usage point is read, and the usage point says when: so
 * what is another's, what was given up and what never was are refused by the same look at the same stream.
 * @source X.1332 9.2, 10.2
 */
export class Premises {
  readonly #platform: Pick<Platform, 'events' | 'clock'>;
  readonly #own: boolean;
  readonly #accounts = new WarmStreams<AccountState>(KEPT);
  readonly #points = new WarmStreams<UsagePointState>(KEPT);

  constructor(platform: Pick<Platform, 'events' | 'clock'>, { ownPremises }: Pick<Defences, 'ownPremises'>) {
    this.#platform = platform;
    this.#own = ownPremises;
  }

  /** Those whose tenancy lasts, by id. */
  async all(accountId: string): Promise<readonly OwnPremises[]> {
    const state = await this.#account(accountId);
    const ids = state.status === 'unopened' ? [] : Object.keys(state.tenancies).sort();
    const found = await Promise.all(ids.map((id) => this.#lasting(state, accountId, id)));
    return found.filter((one) => one !== undefined);
  }

  /** @throws ERR_PREMISES_UNKNOWN for premises of others, of former times, and for none */
  async one(accountId: string, id: string): Promise<OwnPremises> {
    const found = await this.#lasting(await this.#account(accountId), accountId, id);
    if (found === undefined) throw new JoulekeepError('ERR_PREMISES_UNKNOWN', 'no premises of this customer');
    return found;
  }

  async #lasting(state: AccountState, accountId: string, id: string): Promise<OwnPremises | undefined> {
    const now = this.#platform.clock.now();
    const holds = (span: { readonly from: number; readonly until?: number }) => span.from <= now && now < (span.until ?? Infinity);
    if (this.#own && !tenancyOf(state, id).some(holds)) return undefined;
    const { state: point } = await foldStream(this.#platform.events, usagePointStream(id), usagePoint, this.#points);
    if (point.status === 'unopened') return undefined;
    const spans = spansOf(point.tenancy, accountId, Number.MAX_SAFE_INTEGER).map(({ from, until }) => ({
      from,
      until: until === Number.MAX_SAFE_INTEGER ? Infinity : until,
    }));
    if (this.#own && !spans.some(holds)) return undefined;
    return { account: accountId, point, spans };
  }

  async #account(accountId: string): Promise<AccountState> {
    return (await foldStream(this.#platform.events, `account/${accountId}`, account, this.#accounts)).state;
  }
}
