import {
  type AccountEvent,
  type DomainEvent,
  JoulekeepError,
  type PointStated,
  type TenancyAmended,
  type TenancySpan,
  UTILITY,
} from '../../events/index.ts';

/** What stream `account/<id>` says of a customer; the usage points decide, this mirrors them. */
export type AccountState =
  | { readonly status: 'unopened' }
  | {
      readonly status: 'open' | 'closed';
      readonly accountId: string;
      /** Spans by usage point, oldest first; a usage point once had stays, with no span where all were taken back. */
      readonly tenancies: Readonly<Record<string, readonly TenancySpan[]>>;
      /** By usage point: up to which version of its stream the account was told what it is to it. */
      readonly stated?: Readonly<Record<string, number>>;
    };

export type KnownAccount = Exclude<AccountState, { status: 'unopened' }>;

export type AccountCommand =
  | { readonly type: 'OpenAccount'; readonly accountId: string; readonly at: number }
  | { readonly type: 'StartTenancy'; readonly usagePoint: string; readonly from: number; readonly at: number }
  | { readonly type: 'EndTenancy'; readonly usagePoint: string; readonly until: number; readonly at: number }
  | ({ readonly type: 'AmendTenancy' } & TenancyAmended)
  | ({ readonly type: 'StatePoint' } & PointStated)
  | { readonly type: 'CloseAccount'; readonly at: number };

const ACCOUNT_ID = /^[A-Za-z0-9._-]{1,64}$/;
const UNOPENED: AccountState = { status: 'unopened' };

/**
 * Decider of stream `account/<id>`. `[]` means already done.
 * @throws ERR_ACCOUNT_ID, ERR_ACCOUNT_UNKNOWN, ERR_ACCOUNT_CLOSED, ERR_TENANCY_ORDER, ERR_TENANCY_LASTS
 */
export const account = { initial: UNOPENED, decide: decideAccount, evolve: evolveAccount };

function decideAccount(command: AccountCommand, state: AccountState): readonly AccountEvent[] {
  if (command.type === 'OpenAccount') {
    const { accountId, at } = command;
    if (!ACCOUNT_ID.test(accountId) || accountId === UTILITY)
      throw new JoulekeepError(
        'ERR_ACCOUNT_ID',
        'an account id has 1 to 64 of A-Z, a-z, 0-9, dot, dash and underline, and is not "utility"',
      );
    return state.status === 'unopened' ? [{ type: 'AccountOpened', data: { accountId, at } }] : [];
  }
  if (state.status === 'unopened') throw new JoulekeepError('ERR_ACCOUNT_UNKNOWN', `${command.type}: there is no such account`);
  return decideKnown(command, state);
}

function decideKnown(command: Exclude<AccountCommand, { type: 'OpenAccount' }>, state: KnownAccount): readonly AccountEvent[] {
  switch (command.type) {
    case 'StartTenancy':
      return startTenancy(state, command.usagePoint, command.from, command.at);
    case 'EndTenancy':
      return endTenancy(state, command.usagePoint, command.until, command.at);
    case 'AmendTenancy': {
      const { usagePoint, spans, at } = command;
      return sameSpans(spans, tenancyOf(state, usagePoint)) ? [] : [{ type: 'TenancyAmended', data: { usagePoint, spans, at } }];
    }
    case 'StatePoint':
      return statePoint(state, command);
    case 'CloseAccount':
      if (state.status === 'closed') return [];
      if (Object.values(state.tenancies).some((spans) => spans.at(-1) !== undefined && spans.at(-1)!.until === undefined))
        throw new JoulekeepError('ERR_TENANCY_LASTS', 'the account still has a tenancy: end it first');
      return [{ type: 'AccountClosed', data: { at: command.at } }];
    default:
      return never(command);
  }
}

/** Spans of the account at a usage point, oldest first. */
export function tenancyOf(state: AccountState, usagePoint: string): readonly TenancySpan[] {
  if (state.status === 'unopened' || !Object.hasOwn(state.tenancies, usagePoint)) return [];
  return state.tenancies[usagePoint] ?? [];
}

function startTenancy(state: KnownAccount, usagePoint: string, from: number, at: number): AccountEvent[] {
  const spans = tenancyOf(state, usagePoint);
  if (spans.some((span) => span.from === from)) return [];
  const last = spans.at(-1);
  if (state.status === 'closed') throw new JoulekeepError('ERR_ACCOUNT_CLOSED', 'the account is closed');
  if (last !== undefined && (last.until ?? Infinity) > from)
    throw new JoulekeepError('ERR_TENANCY_ORDER', 'the account has a tenancy at this usage point at that time');
  return [{ type: 'TenancyStarted', data: { usagePoint, from, at } }];
}

function endTenancy(state: KnownAccount, usagePoint: string, until: number, at: number): AccountEvent[] {
  const last = tenancyOf(state, usagePoint).at(-1);
  if (last?.until === until) return [];
  if (last === undefined || last.until !== undefined || last.from >= until)
    throw new JoulekeepError('ERR_TENANCY_ORDER', 'the account has no tenancy at this usage point that could end then');
  return [{ type: 'TenancyEnded', data: { usagePoint, until, at } }];
}

/** Whoever is no customer any more is told nothing new. */
function statePoint(state: KnownAccount, { type: _type, ...data }: Extract<AccountCommand, { type: 'StatePoint' }>): AccountEvent[] {
  const told = Object.hasOwn(state.stated ?? {}, data.usagePoint) ? state.stated![data.usagePoint]! : -1;
  return state.status === 'closed' || told >= data.through ? [] : [{ type: 'PointStated', data }];
}

function evolveAccount(state: AccountState, event: DomainEvent): AccountState {
  if (event.type === 'AccountOpened') return { status: 'open', accountId: event.data.accountId, tenancies: {} };
  if (state.status === 'unopened') return state;
  switch (event.type) {
    case 'TenancyStarted': {
      const { usagePoint, from } = event.data;
      return withSpans(state, usagePoint, [...tenancyOf(state, usagePoint), { from }]);
    }
    case 'TenancyEnded': {
      const { usagePoint, until } = event.data;
      const spans = tenancyOf(state, usagePoint);
      return withSpans(state, usagePoint, [...spans.slice(0, -1), ...spans.slice(-1).map((span) => ({ ...span, until }))]);
    }
    case 'TenancyAmended':
      return withSpans(state, event.data.usagePoint, event.data.spans);
    case 'PointStated': {
      const { usagePoint, through } = event.data;
      return { ...state, stated: { ...state.stated, [usagePoint]: through } };
    }
    case 'AccountClosed':
      return { ...state, status: 'closed' };
    default:
      return state;
  }
}

function withSpans(state: KnownAccount, usagePoint: string, spans: readonly TenancySpan[]): KnownAccount {
  return { ...state, tenancies: { ...state.tenancies, [usagePoint]: spans } };
}

function sameSpans(one: readonly TenancySpan[], other: readonly TenancySpan[]): boolean {
  return one.length === other.length && one.every(({ from, until }, i) => other[i]!.from === from && other[i]!.until === until);
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
