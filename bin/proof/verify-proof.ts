import { BillProof } from '../../api/bill-proof.ts';
import type { BillComputed, BillRerated } from '../../events/index.ts';
import type { LogCheckpoint } from '../../protocol/log/checkpoint.ts';
import type { BillWord } from './bill-words.ts';
import { bindingStreams } from './binding-streams.ts';
import { creditBrought } from './credit-brought.ts';
import { type OpenedCommit, openCommit, trustedCheckpoint } from './open-commits.ts';
import { type ProofCheck, ProofFault } from './proof-fault.ts';
import { type BindingReport, checkBinding } from './proven-binding.ts';
import { type BilledDay, billedDays } from './proven-days.ts';
import { billedTariffs, checkLines } from './proven-lines.ts';
import { checkSeals, type SealReport } from './proven-seals.ts';
import { checkRevision } from './revision.ts';
import { settledBills } from './settled-bills.ts';
import { checkTariffOrder } from './tariff-order.ts';
import { backdatedTariffs, chargedByPeriod } from './tariff-times.ts';
import type { Trust } from './trust.ts';
import { type Worth, worthsIn } from './worths.ts';

const LONGEST_WORDS = 500;

/** What a proof shows. */
export interface Proven {
  readonly bill: BillComputed | BillRerated;
  readonly checkpoint: LogCheckpoint;
  readonly commits: number;
  readonly days: number;
  /** Whose days they are. */
  readonly meters: readonly string[];
  readonly worths: readonly Worth[];
  readonly binding: BindingReport;
  readonly seals: SealReport;
  /** What the bill takes from elsewhere. */
  readonly taken: readonly BillWord[];
}

export interface Refused {
  /** Which check failed, and what of it. */
  readonly fault: ProofCheck;
  readonly what: string;
}

/**
 * Checks a proof with nothing but its bytes and keys from elsewhere: no network, no store. Every commit is in the log that a trusted key signed,
 * and opens by its own key; days follow their chains, are the customer's, meters sealed them, intervals sum up, and the tariffs give every line of the bill.
 * Whatever is wrong is an answer: nothing is thrown on content.
 * @source X.1332 9.2 (integrity), 10.1 (stored data intact)
 */
export function verifyProof(text: string, trust: Trust): Proven | Refused {
  try {
    return prove(readProof(text), trust);
  } catch (error) {
    if (error instanceof ProofFault) return { fault: error.check, what: printable(error.message) };
    return { fault: 'layout', what: `it can not be read: ${printable((error as Error).message)}` };
  }
}

/** Words may quote what somebody wrote into the file: one line of them, in which nothing hides. */
function printable(words: string): string {
  const shown = words.replace(/[^\p{L}\p{N}\p{P}\p{S} ]|[\p{Default_Ignorable_Code_Point}]/gu, '?').replace(/ {2,}/g, ' ');
  return shown.length > LONGEST_WORDS ? `${shown.slice(0, LONGEST_WORDS)}...` : shown;
}

function prove(proof: BillProof, trust: Trust): Proven {
  const checkpoint = trustedCheckpoint(proof, trust);
  const bill = openCommit(proof.bill, checkpoint);
  const days = proof.days.map((commit) => openCommit(commit, checkpoint));
  const tariffs = proof.tariffs.map((commit) => openCommit(commit, checkpoint));
  const issued = issuedIn(bill);
  const streams = bindingStreams(proof.binding, issued.period, checkpoint);
  const billed = billedDays(issued, days);
  const binding = checkBinding(issued, bill.envelope.recordedAt, billed, streams);
  const seals = checkSeals(billed, proof.certificates, trust);
  const taken = checkCharges(issued, { bill, billed, tariffs, series: proof.series });
  const meters = [...new Set(billed.map(({ state }) => state.frame.meterId))];
  const { account, point } = streams;
  const commits = 1 + days.length + tariffs.length + account.opened.length + point.opened.length;
  return { bill: issued, checkpoint, commits, days: billed.length, meters, worths: worthsIn(billed), binding, seals, taken };
}

interface Charged {
  readonly bill: OpenedCommit;
  readonly billed: readonly BilledDay[];
  readonly tariffs: readonly OpenedCommit[];
  readonly series: BillProof['series'];
}

/** @returns what no day and no tariff shows @throws ProofFault */
function checkCharges(issued: BillComputed | BillRerated, { bill, billed, tariffs, series }: Charged): readonly BillWord[] {
  checkRevision(issued);
  checkTariffOrder(issued);
  const others = [...creditBrought(issued), ...settledBills(issued)];
  const charged = billedTariffs(issued, tariffs, series);
  const prices = [...backdatedTariffs(issued, bill.envelope.recordedAt, tariffs), ...chargedByPeriod(issued, charged)];
  checkLines(issued, billed, charged);
  return [...others, ...prices];
}

/** The file must be what was handed out, to the byte: what is added, left out or written in another way is refused. */
function readProof(text: string): BillProof {
  const json: unknown = JSON.parse(text);
  if ((json as Partial<BillProof> | null)?.version === (1 as number))
    throw new ProofFault('layout', 'it is of version 1, which does not show whose the meters are: ask for a new one');
  const read = isOfEntries(json) ? BillProof.safeParse(json) : undefined;
  if (!read?.success) throw new ProofFault('layout', 'it is no proof of a bill, or of a version that is not known here');
  if (JSON.stringify(read.data) !== text) throw new ProofFault('layout', 'it is not written as it was handed out');
  return read.data;
}

/** A schema tells every fault of a list: what has one entry that is none is no proof, however long it is. */
function isOfEntries(json: unknown): boolean {
  const { days, tariffs, series, certificates, binding } = (json ?? {}) as Partial<BillProof>;
  const { shape } = BillProof;
  const { account, point } = shape.binding.shape;
  const lists = [
    [days, shape.days],
    [tariffs, shape.tariffs],
    [series, shape.series],
    [certificates, shape.certificates],
    [binding?.account, account],
    [binding?.point, point],
  ] as const;
  return lists.every(([list, { element }]) => Array.isArray(list) && list.every((one) => element.safeParse(one).success));
}

function issuedIn({ envelope, events }: OpenedCommit): BillComputed | BillRerated {
  const issued = events.flatMap(({ type, data }) => (type === 'BillComputed' || type === 'BillRerated' ? [data] : [])).at(-1);
  if (issued === undefined || issued.basis === undefined)
    throw new ProofFault('streams', `${envelope.stream}: no bill went out with this commit`);
  const { accountId, usagePoint, from } = issued.period;
  if (envelope.stream !== `bill/${accountId}/${usagePoint}.${from}`)
    throw new ProofFault('streams', `${envelope.stream}: the bill is another's than its stream`);
  return issued;
}
