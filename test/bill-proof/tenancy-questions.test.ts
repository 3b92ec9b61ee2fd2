import { describe, expect, it } from 'vitest';
import { tenancyQuestions } from '../../bin/proof/tenancy-questions.ts';
import type { ToldBinding } from '../../bin/proof/told-binding.ts';
import type { TenancySpan } from '../../events/index.ts';
import { statement } from './said.ts';

const BILL = statement();
const [BEGIN, END] = [BILL.spans![0]!.from * 1000, BILL.spans![0]!.until * 1000];
const [DAY, OWN] = [86_400_000, BILL.period.accountId];
const NOON = BEGIN + DAY / 2;

/** Which of the questions are answered: by the account, by the usage point, and of what is left out by the one and the other. */
function answers(
  tenancy: readonly TenancySpan[],
  spans: readonly TenancySpan[] = [{ from: BEGIN, until: END }],
  cuts = [{ subject: OWN, from: 0 }],
) {
  const told = { recordedAt: 0, tenancy, point: { tenancy: cuts } } as unknown as ToldBinding;
  const charged = spans.map(({ from, until }) => ({ from: from / 1000, until: until! / 1000 }));
  return tenancyQuestions({ ...BILL, spans: charged }, { account: [], point: [] }).map(({ shows }) => shows(told));
}

describe('the time that a bill charges', () => {
  it('R9.2-2: is the tenant’s who came before it and stays, or who comes and goes with it', () => {
    expect(answers([{ from: BEGIN - 900 * DAY }])).toEqual([true, true, true, true]);
    expect(answers([{ from: BEGIN, until: END }])).toEqual([true, true, true, true]);
  });

  it('R9.2-2, C10.1-7: is not the account’s that became the tenant within it, or was none to its end', () => {
    expect(answers([{ from: NOON }])[0]).toBe(false);
    expect(answers([{ from: BEGIN, until: NOON }])[0]).toBe(false);
  });

  it('R9.2-2, C10.1-7: is not the tenant’s of whom the usage point says so for a part of it', () => {
    const [before, within] = [
      { subject: OWN, from: BEGIN },
      { subject: 'acc-later', from: NOON },
    ];
    expect(answers([{ from: BEGIN }], undefined, [before, within])).toEqual([true, false, true, true]);
    expect(
      answers([{ from: BEGIN }], undefined, [
        { ...before, subject: 'acc-later' },
        { ...within, subject: OWN },
      ])[1],
    ).toBe(false);
  });
});

describe('the time of a tenancy that a bill leaves out', () => {
  const wholeOf = (...given: Parameters<typeof answers>) => answers(...given).at(-2);

  it('R9.2-2, C10.1-7: is found at the beginning, within, at the end, and in a second tenancy of the period', () => {
    expect(wholeOf([{ from: BEGIN }], [{ from: NOON, until: END }])).toBe(false);
    expect(wholeOf([{ from: BEGIN }], [{ from: BEGIN, until: NOON }])).toBe(false);
    expect(
      wholeOf(
        [{ from: BEGIN }],
        [
          { from: BEGIN, until: NOON },
          { from: NOON + 1000, until: END },
        ],
      ),
    ).toBe(false);
    expect(wholeOf([{ from: BEGIN, until: NOON }, { from: NOON + DAY }], [{ from: BEGIN, until: NOON }])).toBe(false);
  });

  it('R9.2-2: is none where the bill charges it in parts, in whatever order, or where nobody was the tenant', () => {
    const parts = [
      { from: NOON, until: END },
      { from: BEGIN, until: NOON },
    ];
    expect(wholeOf([{ from: BEGIN }], parts)).toBe(true);
    expect(
      wholeOf(
        [
          { from: BEGIN, until: NOON },
          { from: NOON + DAY, until: END },
        ],
        [
          { from: BEGIN, until: NOON },
          { from: NOON + DAY, until: END },
        ],
      ),
    ).toBe(true);
    expect(wholeOf([{ from: BEGIN, until: NOON }], [{ from: BEGIN, until: NOON }])).toBe(true);
  });

  it('R9.2-2, C10.1-7: is found by the usage point as well, whatever the account says', () => {
    const later = { subject: 'acc-later', from: NOON };
    const byPoint = (cuts: Parameters<typeof answers>[2], until = NOON) =>
      answers([{ from: BEGIN, until }], [{ from: BEGIN, until }], cuts).slice(-2);
    expect(byPoint([{ subject: OWN, from: 0 }])).toEqual([true, false]);
    expect(byPoint([{ subject: OWN, from: 0 }, later])).toEqual([true, true]);
    expect(byPoint([{ subject: OWN, from: 0 }, later, { subject: OWN, from: NOON + DAY }])).toEqual([true, false]);
    // A usage point that shows nothing, and one that goes on behind the period.
    expect(byPoint([])).toEqual([true, true]);
    expect(byPoint([{ subject: OWN, from: 0 }], END)).toEqual([true, true]);
  });
});
