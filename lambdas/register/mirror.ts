import { type AccountCommand, type AccountState, account, tenancyOf } from '../../domain/account/account.ts';
import { spansOf } from '../../domain/usagepoint/tenancy.ts';
import { JoulekeepError, type TenancyCut, type TenancySpan, UTILITY } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { foldStream, runDecider } from '../shared/streams.ts';

/** @throws ERR_ACCOUNT_UNKNOWN, ERR_ACCOUNT_CLOSED */
export async function checkAccounts(platform: Platform, subjects: Iterable<string>): Promise<void> {
  for (const accountId of accountsIn(subjects)) {
    const { state } = await foldStream(platform.events, `account/${accountId}`, account);
    if (state.status === 'unopened') throw new JoulekeepError('ERR_ACCOUNT_UNKNOWN', `${accountId}: there is no such account`);
    if (state.status === 'closed') throw new JoulekeepError('ERR_ACCOUNT_CLOSED', `${accountId}: the account is closed`);
  }
}

/** Tells accounts what a usage point says of their tenancy there; those that know it already are told nothing. */
export async function mirrorTenancy(
  platform: Platform,
  usagePoint: string,
  tenancy: readonly TenancyCut[],
  subjects: Iterable<string>,
): Promise<void> {
  for (const accountId of accountsIn(subjects)) {
    const stream = `account/${accountId}`;
    const { state } = await foldStream(platform.events, stream, account);
    if (state.status === 'unopened') continue;
    await runDecider(
      platform.events,
      stream,
      account,
      amendments(state, usagePoint, tenancySpans(tenancy, accountId), platform.clock.now()),
    );
  }
}

/** Spans of an account by the cuts of a usage point. */
export function tenancySpans(tenancy: readonly TenancyCut[], accountId: string): TenancySpan[] {
  return spansOf(tenancy, accountId, Infinity).map(({ from, until }) => (until === Infinity ? { from } : { from, until }));
}

/** A tenancy that starts or ends is told as that, everything else as an amendment. */
function amendments(state: AccountState, usagePoint: string, wanted: readonly TenancySpan[], at: number): AccountCommand[] {
  const known = tenancyOf(state, usagePoint);
  const amend: AccountCommand = { type: 'AmendTenancy', usagePoint, spans: wanted, at };
  const last = wanted.at(-1);
  const forward =
    last !== undefined && known.every((span, i) => wanted[i]?.from === span.from && (span.until ?? wanted[i]?.until) === wanted[i]?.until);
  if (!forward) return known.length === 0 && last === undefined ? [] : [amend];
  const open = known.at(-1);
  const commands: AccountCommand[] = [];
  if (open !== undefined && open.until === undefined && wanted[known.length - 1]!.until !== undefined)
    commands.push({ type: 'EndTenancy', usagePoint, until: wanted[known.length - 1]!.until!, at });
  for (const span of wanted.slice(known.length)) {
    commands.push({ type: 'StartTenancy', usagePoint, from: span.from, at });
    if (span.until !== undefined) commands.push({ type: 'EndTenancy', usagePoint, until: span.until, at });
  }
  return commands;
}

function accountsIn(subjects: Iterable<string>): string[] {
  return [...new Set(subjects)].filter((subject) => subject !== UTILITY);
}
