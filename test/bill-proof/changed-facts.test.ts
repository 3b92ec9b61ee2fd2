import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { outcomeOf } from '../../bin/proof/check-file.ts';
import type { Trust } from '../../bin/proof/trust.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { canonical } from '../../domain/billing/canonical.ts';
import type { BillStatement } from '../../events/index.ts';
import { localDay } from '../../lambdas/shared/days/local-days.ts';
import { type Change, changed, changes } from './changes.ts';
import { ratedFrom } from './false-bills.ts';
import { followingProof } from './follows.ts';
import { type Facts, factsOf, trustAnew } from './opened-proof.ts';
import { ProofWorld } from './proof-world.ts';

const RUNS = Number(process.env['JOULEKEEP_RUNS'] ?? 600);
const LONGEST_MS = 60_000 + RUNS * 100;

const HOMES = [
  ['of who lives there alone', {}],
  // What speaks of both is withheld, and the account was told what it comes to.
  ['of who has moved out', { successor: { account: 'acc-next', from: localDay('2026-10-26', 'Europe/London').start * 1000 } }],
] as const;

describe.each(HOMES)('a bill %s, its facts written otherwise in a place or three, and all that follows', (_who, home) => {
  let world: ProofWorld;
  let honest: BillProof;
  let trust: Trust;
  let facts: Facts;
  beforeAll(async () => {
    world = await ProofWorld.open(home);
    honest = JSON.parse(await world.prove('home-1')) as BillProof;
    trust = await world.trust();
    facts = factsOf(honest, trust);
  }, 60_000);
  afterAll(() => world.close());

  /** What it comes to by what the meters sealed, over its own period; taken off for being late, a utility may what it likes. */
  function owed(period: BillStatement['period']): string {
    return linesOf(ratedFrom(honest, trust, { change: (bill) => ({ ...bill, period }) }));
  }

  async function come(made: readonly Change[]): Promise<'holds' | 'on-word' | 'refused'> {
    const proof = await followingProof(honest, changed(facts, made), trust);
    const found = verifyProof(JSON.stringify(proof), trustAnew(trust));
    if ('fault' in found) return 'refused';
    const outcome = outcomeOf(found);
    if (outcome === 'holds') expect(linesOf(found.bill)).toEqual(owed(found.bill.period));
    return outcome;
  }

  it(
    'R9.2-2, C10.1-7: holds for the money alone that its meters sealed',
    async ({ annotate }) => {
      const tally = { holds: 0, 'on-word': 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(changes(), async (made) => {
          tally[await come(made)]++;
        }),
        { numRuns: RUNS },
      );
      await annotate(`${tally.holds} hold, ${tally['on-word']} on the utility's word, ${tally.refused} refused`);
      // Where one of them never happens nothing was tried.
      expect(Math.min(tally.holds, tally.refused)).toBeGreaterThan(0);
    },
    LONGEST_MS,
  );
});

/** What is charged and counted, whatever it is called. */
function linesOf({ lines, currency, importWh, exportWh }: BillStatement): string {
  return canonical({ lines: lines.filter(({ code }) => code !== 'back-billing'), currency, importWh, exportWh });
}
