import { addMonths } from '../../domain/tariff/dates.ts';
import { bandOf, type FeedStatement } from '../../events/catalogue/feed-item.ts';
import type { BillStatement, FeedItemIssued } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { VersionConflict } from '../../platform/ports/version-conflict.ts';
import { controlTotals } from '../billing/control-totals.ts';
import { ranPeriod } from '../billing/due-runs.ts';
import { waitingBills } from '../billing/waiting-bills.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { appendItems } from '../shared/feeds/feed-append.ts';
import type { FeedChain } from '../shared/feeds/feed-chain.ts';
import { billFacts } from './bill-facts.ts';
import { followFeed, type IssuedBill, issuedIn, type MonthBook, monthsInFeed } from './feed-book.ts';

/** Accounts under one DataAccessed. */
const CHUNK = 1_000;

/**
 * Signed control totals of every month that was run for everybody and has bills since its newest totals. To be run daily.
 * @returns months that got some
 */
export async function issueTotals(platform: Platform, chain: FeedChain): Promise<readonly string[]> {
  const issued: string[] = [];
  await followFeed(platform);
  for (const [month, book] of await monthsInFeed(platform)) {
    if (book.bills <= book.totals || (await ranPeriod(platform, `${month}-01`)) === undefined) continue;
    if (await issueMonth(platform, chain, month)) issued.push(month);
  }
  return issued;
}

/** A bill that came while the sums were made makes new ones due: tomorrow's run. */
async function issueMonth(platform: Platform, chain: FeedChain, month: string): Promise<boolean> {
  const position = await followFeed(platform);
  const book = (await monthsInFeed(platform)).get(month)!;
  const bills = await issuedIn(platform, month);
  const statements = await statementsOf(platform, month, bills);
  const { hashes: _, ...totals } = controlTotals(statements);
  const at = platform.clock.now();
  const revision = book.revision + 1;
  const about = { period: month, through: book.bills, revision };
  const body = { kind: 'totals', ...about, erased: bills.length - statements.length, ...totals };
  const { jws, place, head } = await chain.next(position.feed, await statementOf(platform, month, book, bills.length, at), body);
  const item: FeedItemIssued = { seq: place.seq, prevHash: place.prevHash, hash: head.hash, jws, totals: about, at };
  try {
    await appendItems(platform, position.stream, [item]);
    return true;
  } catch (error) {
    if (error instanceof VersionConflict) return false;
    throw error;
  }
}

async function statementOf(
  platform: Platform,
  month: string,
  { revision }: MonthBook,
  bills: number,
  issuedAt: number,
): Promise<FeedStatement> {
  const waiting = (await waitingBills(platform)).filter(({ period }) => period.from.startsWith(month));
  const missing = waiting.reduce((sum, { targets }) => sum + targets.length, 0);
  const first = `${month}-01`;
  const window = { from: Date.parse(`${first}T00:00:00Z`), until: Date.parse(`${addMonths(first, 1)}T00:00:00Z`) };
  const completeness = bandOf(Math.floor((bills * 1000) / Math.max(1, bills + missing)));
  return { issuedAt, revision: revision + 1, window, completeness };
}

/** The bills as they are in the feed; those of erased subjects are gone. */
async function statementsOf(platform: Platform, month: string, bills: readonly IssuedBill[]): Promise<readonly BillStatement[]> {
  const statements: BillStatement[] = [];
  const window = { from: Date.parse(`${month}-01T00:00:00Z`), until: platform.clock.now() + 86_400_000 };
  for (let i = 0; i < bills.length; i += CHUNK) {
    const chunk = bills.slice(i, i + CHUNK);
    const subjects = chunk.map(({ stream }) => stream.split('/')[1]!);
    const access = await openSubjectData(platform, { purpose: 'billing', ...window, subjects });
    for (const { stream, version } of chunk) {
      const newest = (await billFacts(platform, stream, access)).findLast((fact) => fact.version <= version);
      if (newest !== undefined) statements.push(newest.event.data);
    }
  }
  return statements;
}
