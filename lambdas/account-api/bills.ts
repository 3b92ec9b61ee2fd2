import type { BillList, CustomerBill } from '../../api/customer-account.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { billStreams } from '../billing/open-billing.ts';
import { type BillFact, billFacts } from '../billing-feed/bill-facts.ts';
import { itemOfBill } from '../billing-feed/feed-book.ts';
import { signedAgain } from '../billing-feed/read-feed.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { openSubjectData } from '../shared/access/subject-data.ts';
import { type AccountDesk, notOwn } from './account-desk.ts';
import { lineText, quantityText } from './line-text.ts';

const DAY_MS = 86_400_000;

/** Bills as they last went out, newest period first. What is held is nobody's yet. */
export async function listBills(desk: AccountDesk, { caller }: Call<'listBills'>): Promise<Answer> {
  const streams = await billStreams(desk, caller.person);
  const access = await openBills(desk, caller.person, streams);
  const facts = access === undefined ? [] : await Promise.all(streams.map((stream) => newestBill(desk, stream, access)));
  const bills = facts.flatMap((fact) => (fact === undefined ? [] : [headOf(fact)]));
  bills.sort((a, b) => (a.from === b.from ? (a.usagePoint < b.usagePoint ? -1 : 1) : a.from > b.from ? -1 : 1));
  return { body: { bills } satisfies BillList };
}

/** @throws ERR_NOT_OWN for another customer's as for none */
export async function showBill(desk: AccountDesk, { caller, path }: Call<'showBill'>): Promise<Answer> {
  // The account in the name of the stream is the caller's, whatever the path says.
  const stream = `bill/${caller.person}/${path.bill}`;
  const known = (await billStreams(desk, caller.person)).filter((one) => one === stream);
  const access = await openBills(desk, caller.person, known);
  const fact = access === undefined ? undefined : await newestBill(desk, stream, access);
  if (fact === undefined) throw notOwn();
  const lines = fact.event.data.lines.map((line) => ({
    ...{ code: line.code, text: lineText(line), quantity: quantityText(line), amountMicro: line.amountMicro },
  }));
  return { body: { ...headOf(fact), lines, signed: (await signedBill(desk, fact)) ?? null } satisfies CustomerBill };
}

/** Access to bills of one account, recorded first; undefined where there is none to open. */
async function openBills(platform: Platform, account: string, streams: readonly string[]): Promise<SubjectAccess | undefined> {
  if (streams.length === 0) return undefined;
  const begins = streams.map((stream) => Date.parse(`${stream.slice(-10)}T00:00:00Z`));
  const until = Math.max(platform.clock.now(), ...begins) + DAY_MS;
  return await openSubjectData(platform, {
    ...{ purpose: 'customer-view', from: Math.min(...begins), until, subjects: [account], person: account },
  });
}

async function newestBill(platform: Platform, stream: string, access: SubjectAccess): Promise<BillFact | undefined> {
  return (await billFacts(platform, stream, access)).at(-1);
}

function headOf({ stream, event: { data } }: BillFact): BillList['bills'][number] {
  const { period, currency, totalMicro, importWh = '0', estimatedPerMille, revision, at } = data;
  const { usagePoint, from, until } = period;
  return {
    ...{ bill: stream.split('/').slice(2).join('/'), usagePoint, from, until, currency, totalMicro, importWh: Number(importWh) },
    ...{ estimatedBasisPoints: estimatedPerMille * 10, revision, issuedAt: instant(at) },
  };
}

/** The bill as the utility signed it for its billing system, which a customer's device can check; undefined while it has no place there. */
async function signedBill(platform: Platform, fact: BillFact): Promise<string | undefined> {
  const item = await itemOfBill(platform, fact.stream, fact.version);
  return item && signedAgain(item, fact);
}
