import type { BillWord } from '../proof/bill-words.ts';
import type { ProofCheck } from '../proof/proof-fault.ts';
import type { BindingReport, BindingWord, ToldPoint } from '../proof/proven-binding.ts';
import type { OnWord, SealReport } from '../proof/proven-seals.ts';
import { renewedMeters } from '../proof/seal-keys.ts';
import type { Proven, Refused } from '../proof/verify-proof.ts';
import type { Worth } from '../proof/worths.ts';
import { billLine, billTotal } from './bill-text.ts';
import { counted } from './counted.ts';

const WORDS: Readonly<Record<ProofCheck, string>> = {
  layout: 'the file is not what was handed out',
  checkpoint: 'the checkpoint is nobody’s that is trusted',
  log: 'a commit is not in the log',
  key: 'a commit does not open',
  shape: 'an event is not as its kind is',
  streams: 'the commits are not those of the bill',
  chain: 'a day does not continue',
  energy: 'a day does not add up',
  seal: 'a day is not what the meter sealed',
  binding: 'the bill is of a meter, a time or a tariff that is not the customer’s',
  lines: 'the bill is not what its days and tariffs give',
};

const REASONS: Readonly<Record<OnWord['why'], string>> = {
  unsealed: 'has no seal of its meter',
  partlySealed: 'lacks records, or has others than the seal covers, so that it does not show them',
  divided: 'is a part of a day, and the seal shows the whole',
  replaced: 'is sealed, and counts estimates or edits in place of what was measured',
  certifiedLater: 'is sealed by a key that was certified after the day',
};

const BINDING: Readonly<Record<Exclude<BindingWord['why'], 'withheld'>, string>> = {
  hidden: "is not shown to be the customer's: what would show it is not shown",
  amended: "was the customer's when the bill went out, and is said otherwise since",
  earlier: "was the customer's at some time before the bill was rated again, and was not any more when it went out",
  later: "is said to be the customer's only since the bill went out",
  uncovered: 'is charged, and the bill has no day of it',
  unread: 'was not final, and is charged on an estimate',
};

const TAKEN: Readonly<Record<BillWord['why'], string>> = {
  brought: 'was brought from another bill, which has a proof of its own',
  settled: 'is settled by a true-up: what the difference was, that bill says, which has a proof of its own',
  backdated: 'was published after the first day that it is charged for',
  period: 'is charged by the period: compare with the one that was agreed',
};

/** What leaves it as it is that the others are the customer's. */
const BESIDE: readonly BindingWord['why'][] = ['withheld', 'uncovered', 'unread'];

/** Of a proof that does not hold: which file, what is checked there, and what of it is wrong. */
export function refusalLine(file: string, { fault, what }: Refused): string {
  return `${file}: ${WORDS[fault]} (${fault}): ${what}`;
}

/** What is said of a proof that holds, line by line: the bill, what it was held against, and each thing that rests on the utility's word. */
export function proofLines({ bill, checkpoint, commits, days, meters, worths, binding, seals, taken }: Proven): readonly string[] {
  const { period, lines, totalMicro, currency, revision } = bill;
  return [
    `bill       ${period.accountId} at ${period.usagePoint}, ${period.from} to ${period.until}, revision ${revision}`,
    ...lines.map((line) => `           ${billLine(line)}`),
    `           ${billTotal(totalMicro, currency)}`,
    `log        ${commits} commits among ${checkpoint.size} of the checkpoint of ${new Date(checkpoint.at).toISOString()}`,
    `days       ${days} from their first commit to the revision that was billed, each the sum of its intervals`,
    `meters     ${meters.join(', ')}; compare with the number on your meter`,
    ...worths.map(worthLine),
    ...bindingLines(bill, binding),
    ...sealLines(seals),
    'lines      every line follows from these days and the tariffs as they were published',
    ...wordLines(seals.onWord),
    ...renewedMeters(seals.keys).map((meterId) => `word       ${meterId} sealed days under more than one key`),
    ...binding.onWord.map(bindingWord),
    ...taken.map(({ about, why }) => `word       ${about} ${TAKEN[why]}`),
  ];
}

function worthLine({ meterId, channel, direction, unit, perCount }: Worth): string {
  return `worth      a count of channel ${channel} of ${meterId} is ${perCount} ${unit}, ${direction}; compare with the plate of your meter`;
}

function bindingLines({ period: { accountId, usagePoint } }: Proven['bill'], { onWord, told }: BindingReport): readonly string[] {
  const who = told === undefined ? 'account and usage point say' : 'the account says';
  const isShown = onWord.every(({ why }) => BESIDE.includes(why));
  return [
    ...(isShown ? [`binding    ${who} that ${accountId} lived at ${usagePoint} then, and that these meters hung there`] : []),
    ...(told === undefined ? [] : [toldLine(usagePoint, told)]),
  ];
}

function toldLine(usagePoint: string, { through, versions }: ToldPoint): string {
  const [what, where] = [`what it comes to up to version ${through}`, `usagepoint/${usagePoint} at ${inSpans(versions)}`];
  return `told       commits of ${where} are not shown, and the account was told ${what}: whoever alone ever lived there would be shown all`;
}

/** Rising numbers, those that follow each other as one. */
function inSpans(versions: readonly number[]): string {
  const spans: [begin: number, end: number][] = [];
  for (const version of versions) {
    const last = spans.at(-1);
    if (last?.[1] === version - 1) last[1] = version;
    else spans.push([version, version]);
  }
  return spans.map(([begin, end]) => (begin === end ? begin : `${begin} to ${end}`)).join(', ');
}

function bindingWord({ about, why, versions = [] }: BindingWord): string {
  return `word       ${about} ${why === 'withheld' ? `has commits that are not shown, at ${inSpans(versions)}: they may say otherwise` : BINDING[why]}`;
}

/** A line for each, however many: whoever reads on without them takes them for shown. */
function wordLines(onWord: readonly OnWord[]): readonly string[] {
  if (onWord.length === 0) return [];
  const days = new Set(onWord.map(({ stream }) => stream)).size;
  return [
    ...onWord.map(({ stream, why }) => `word       ${stream} ${REASONS[why]}`),
    `           all of it holds, but ${counted(days, 'day rests', 'days rest')} on the utility's word, in part or altogether`,
  ];
}

function sealLines({ sealed, partlySealed, divided, unsealed, keys }: SealReport): readonly string[] {
  const some = (count: number, what: string) => (count === 0 ? [] : [`           ${count} ${what}`]);
  return [
    `seals      ${sealed} days lead to what their meter signed`,
    ...some(partlySealed, 'days are signed by their meter, which says more than came of them'),
    ...some(divided, 'days are divided: their seals are genuine, and cover more than the part that is here'),
    ...some(unsealed.length, 'days have no seal of their meter'),
    ...keys.map(({ meterId, fingerprint }) => `key        of ${meterId}, SHA-256 ${fingerprint}; compare with that of your meter`),
  ];
}
