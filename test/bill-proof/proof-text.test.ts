import { describe, expect, it } from 'vitest';
import type { ProofCheck } from '../../bin/proof/proof-fault.ts';
import type { BindingWord } from '../../bin/proof/proven-binding.ts';
import type { OnWord, SealReport } from '../../bin/proof/proven-seals.ts';
import type { Proven } from '../../bin/proof/verify-proof.ts';
import { proofLines, refusalLine } from '../../bin/texts/proof-text.ts';
import type { BillLine } from '../../events/index.ts';
import { METER, statement } from './said.ts';

const DAY = `meterday/${METER}/2026-10-24`;
const [KEY, RENEWED] = ['a1'.repeat(32), 'b2'.repeat(32)];
const line = (code: string, quantity: string, unit: string, amountMicro: string) =>
  ({ code, quantity, unit, amountMicro, remainder: '0/1' }) as BillLine;

const SEALS: SealReport = {
  sealed: 3,
  partlySealed: 0,
  divided: 0,
  unsealed: [],
  onWord: [],
  keys: [{ meterId: METER, fingerprint: KEY }],
};
const PROVEN: Proven = {
  bill: {
    ...statement({
      lines: [line('energy/peak', '8591', 'Wh', '2663210'), line('tax/vat', '5', 'micro', '1'), line('export', '12', 'Wh', '-60000')],
      totalMicro: '2603211',
    }),
    ...{ revision: 4, at: 1 },
  },
  checkpoint: { origin: 'joulekeep/log', size: 634, root: Buffer.alloc(32), at: Date.UTC(2026, 10, 24, 23, 5) },
  ...{ commits: 7, days: 3, meters: [METER, '00124b0000000002'] },
  worths: [{ meterId: METER, channel: 0, direction: 'import', unit: 'Wh', perCount: 10 }],
  binding: { onWord: [] },
  seals: SEALS,
  taken: [],
};

/** What is said besides where all is shown, of a proof with this in it. */
function more(change: Partial<Proven>): readonly string[] {
  const [without, own] = [proofLines(PROVEN), proofLines({ ...PROVEN, ...change })];
  return own.filter((one) => !without.includes(one));
}
const seals = (report: Partial<SealReport>) => ({ seals: { ...SEALS, ...report } });

describe('what is said of a proof that holds', () => {
  it('R9.2-2, C10.1-7: is the bill to the last digit, and each thing that it was held against', () => {
    expect(proofLines(PROVEN)).toEqual([
      'bill       acc-home-1 at home-1, 2026-10-24 to 2026-10-27, revision 4',
      '           energy/peak                             8591 Wh           2.663210',
      '           tax/vat                                                   0.000001',
      '           export                                    12 Wh          -0.060000',
      '           total                                                     2.603211 GBP',
      'log        7 commits among 634 of the checkpoint of 2026-11-24T23:05:00.000Z',
      'days       3 from their first commit to the revision that was billed, each the sum of its intervals',
      `meters     ${METER}, 00124b0000000002; compare with the number on your meter`,
      `worth      a count of channel 0 of ${METER} is 10 Wh, import; compare with the plate of your meter`,
      'binding    account and usage point say that acc-home-1 lived at home-1 then, and that these meters hung there',
      'seals      3 days lead to what their meter signed',
      `key        of ${METER}, SHA-256 ${KEY}; compare with that of your meter`,
      'lines      every line follows from these days and the tariffs as they were published',
    ]);
  });

  it('R9.2-2, C10.1-7: says what is not shown of the usage point because the account was told of it', () => {
    const told = { through: 9, versions: [1, 3, 4, 5, 7, 8] };
    const line =
      'told       commits of usagepoint/home-1 at 1, 3 to 5, 7 to 8 are not shown, and the account was told what it comes to up to version 9: whoever alone ever lived there would be shown all';
    expect(more({ binding: { onWord: [], told } })).toEqual([
      'binding    the account says that acc-home-1 lived at home-1 then, and that these meters hung there',
      line,
    ]);
    expect(more({ binding: { onWord: [{ about: DAY, why: 'hidden' }], told } })).toContain(line);
  });

  it('R9.2-2, C10.1-7: counts the days that are not shown down to their seals', () => {
    const report = { sealed: 1, partlySealed: 1, divided: 3, unsealed: [DAY, DAY, DAY, DAY] };
    expect(more(seals(report))).toEqual([
      'seals      1 days lead to what their meter signed',
      '           1 days are signed by their meter, which says more than came of them',
      '           3 days are divided: their seals are genuine, and cover more than the part that is here',
      '           4 days have no seal of their meter',
    ]);
  });
});

describe('what rests on the utility’s word', () => {
  it.each<[OnWord['why'], string]>([
    ['unsealed', 'has no seal of its meter'],
    ['partlySealed', 'lacks records, or has others than the seal covers, so that it does not show them'],
    ['divided', 'is a part of a day, and the seal shows the whole'],
    ['replaced', 'is sealed, and counts estimates or edits in place of what was measured'],
    ['certifiedLater', 'is sealed by a key that was certified after the day'],
  ])('R9.2-2, C10.1-7: of a day that is %s is said by its name, and counted', (why, told) => {
    expect(more(seals({ onWord: [{ stream: DAY, why }] }))).toEqual([
      `word       ${DAY} ${told}`,
      "           all of it holds, but 1 day rests on the utility's word, in part or altogether",
    ]);
  });

  it('R9.2-2: is a line for each word, and counts each day once', () => {
    const days = Array.from({ length: 40 }, (_, i) => `meterday/${METER}/${i}`);
    const onWord = days.flatMap((stream): OnWord[] => [
      { stream, why: 'replaced' },
      { stream, why: 'certifiedLater' },
    ]);
    const said = more(seals({ onWord }));
    expect(said).toHaveLength(81);
    expect(said.at(-1)).toBe("           all of it holds, but 40 days rest on the utility's word, in part or altogether");
  });

  it('R9.2-2, C10.1-7: of a meter with more than one key is said once, beside both keys', () => {
    const keys = [KEY, RENEWED, 'c3'.repeat(32)].map((fingerprint) => ({ meterId: METER, fingerprint }));
    expect(more(seals({ keys: [{ meterId: 'another', fingerprint: KEY }, ...keys] }))).toEqual([
      `key        of another, SHA-256 ${KEY}; compare with that of your meter`,
      `key        of ${METER}, SHA-256 ${RENEWED}; compare with that of your meter`,
      `key        of ${METER}, SHA-256 ${'c3'.repeat(32)}; compare with that of your meter`,
      `word       ${METER} sealed days under more than one key`,
    ]);
  });

  it.each<[BindingWord['why'], string, boolean]>([
    ['hidden', "is not shown to be the customer's: what would show it is not shown", false],
    ['amended', "was the customer's when the bill went out, and is said otherwise since", false],
    ['earlier', "was the customer's at some time before the bill was rated again, and was not any more when it went out", false],
    ['later', "is said to be the customer's only since the bill went out", false],
    ['uncovered', 'is charged, and the bill has no day of it', true],
    ['unread', 'was not final, and is charged on an estimate', true],
    ['withheld', 'has commits that are not shown, at 3, 5: they may say otherwise', true],
  ])('R9.2-2, C10.1-7: of what is %s is said, and whether the others are bound', (why, told, bound) => {
    const one: BindingWord = { about: DAY, why, ...(why === 'withheld' ? { versions: [3, 5] } : {}) };
    const change = { binding: { onWord: [one] } };
    expect(more(change)).toEqual([`word       ${DAY} ${told}`]);
    expect(proofLines({ ...PROVEN, ...change }).some((said) => said.startsWith('binding'))).toBe(bound);
  });

  it.each<[Proven['taken'][number]['why'], string]>([
    ['brought', 'was brought from another bill, which has a proof of its own'],
    ['settled', 'is settled by a true-up: what the difference was, that bill says, which has a proof of its own'],
    ['backdated', 'was published after the first day that it is charged for'],
    ['period', 'is charged by the period: compare with the one that was agreed'],
  ])('R9.2-2, C10.1-7: of what is %s from elsewhere is said', (why, told) => {
    expect(more({ taken: [{ about: 'credit/brought', why }] })).toEqual([`word       credit/brought ${told}`]);
  });
});

describe('what is said of a proof that does not hold', () => {
  it.each<[ProofCheck, string]>([
    ['layout', 'the file is not what was handed out'],
    ['checkpoint', 'the checkpoint is nobody’s that is trusted'],
    ['log', 'a commit is not in the log'],
    ['key', 'a commit does not open'],
    ['shape', 'an event is not as its kind is'],
    ['streams', 'the commits are not those of the bill'],
    ['chain', 'a day does not continue'],
    ['energy', 'a day does not add up'],
    ['seal', 'a day is not what the meter sealed'],
    ['binding', 'the bill is of a meter, a time or a tariff that is not the customer’s'],
    ['lines', 'the bill is not what its days and tariffs give'],
  ])('R9.2-2: names the check, %s, and what of it is wrong', (fault, told) => {
    expect(refusalLine('bill.proof', { fault, what: 'this one' })).toBe(`bill.proof: ${told} (${fault}): this one`);
  });
});
