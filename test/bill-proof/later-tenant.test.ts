import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillProof, ProvenCommit } from '../../api/bill-proof.ts';
import { openCommit, trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { JoulekeepError } from '../../events/index.ts';
import { bindingEvidence } from '../../lambdas/bill-proof/binding-evidence.ts';
import { LogLookup } from '../../lambdas/bill-proof/log-lookup.ts';
import { placedBinding } from '../../lambdas/bill-proof/placed-binding.ts';
import type { Places } from '../../lambdas/bill-proof/proven-commit.ts';
import { billPeriod } from '../../lambdas/billing/bill-period.ts';
import { openBilling } from '../../lambdas/billing/open-billing.ts';
import { correctTenancy } from '../../lambdas/register/tenancy.ts';
import { record } from './false-bills.ts';
import { accountOf, billOf, PERIOD, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const [FIRST, LATER] = [accountOf(HOME), 'acc-later'];
const MOVED = Date.UTC(2026, 9, 25, 12);
/** The part that is the later one's. */
const DAY = 'meterday/00124b0000000001/2026-10-25.2';
const DAY_OF_FIRST = 'meterday/00124b0000000001/2026-10-25';
const OF_LATER = { stream: `bill/${LATER}/${HOME}.${PERIOD.from}`, account: LATER };
const OF_FIRST = { stream: billOf(HOME), account: FIRST };

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open({ successor: { account: LATER, from: MOVED } });
  const sources = await openBilling(world.platform.as('billing'), [LATER], PERIOD);
  await billPeriod(sources, { account: LATER, usagePoint: HOME, ...PERIOD });
  await world.log();
}, 60_000);
afterEach(() => world.close());

const proofOf = async (whose: typeof OF_LATER) => await world.prove(HOME, whose);
const verdict = async (text: string) => verifyProof(text, await world.trust());

/** Everything that a proof opens of a usage point, as text. */
async function openedOf(text: string): Promise<string> {
  const proof = JSON.parse(text) as BillProof;
  const head = trustedCheckpoint(proof, await world.trust());
  const shown = [...proof.binding.point, ...proof.binding.account].filter((one): one is ProvenCommit => 'envelope' in one);
  return JSON.stringify(shown.map((one) => openCommit(one, head).events));
}

describe('the proof of one of several tenants', () => {
  it('R9.2-2, C10.1-7: binds the days to the later one, and shows nothing of the one before', async () => {
    const text = await proofOf(OF_LATER);
    expect(await verdict(text)).toMatchObject({ bill: { period: { accountId: LATER } }, days: 2, binding: { onWord: [] } });
    expect(await verdict(text)).toMatchObject({ binding: { told: { through: 4, versions: [0, 1, 2, 3] } } });
    expect(await openedOf(text)).not.toContain(FIRST);
  });

  it('R9.2-2, C10.1-7: binds the days to the first one, and shows nothing of who came', async () => {
    const text = await proofOf(OF_FIRST);
    expect(await verdict(text)).toMatchObject({ bill: { period: { accountId: FIRST } }, days: 2, binding: { onWord: [] } });
    expect(await openedOf(text)).not.toContain(LATER);
  });

  it('R9.2-2: counts what is withheld, and says which versions behind the last statement could say otherwise', async () => {
    const stream = `usagepoint/${HOME}`;
    await record(world, 'enrol', stream, [{ type: 'TenancyCut', data: { subject: 'acc-third', from: MOVED + 864e5 * 30, at: MOVED } }]);
    await world.log();
    const { version } = await world.platform.as('enrol').events.head(stream);
    const text = await proofOf(OF_LATER);
    expect(await verdict(text)).toMatchObject({ binding: { onWord: [{ about: stream, why: 'withheld', versions: [version] }] } });
    expect(await openedOf(text)).not.toContain('acc-third');
    // Whoever leaves one out between others leaves a gap.
    const proof = JSON.parse(text) as BillProof;
    const held = proof.binding.point.findIndex((one) => 'withheld' in one);
    const point = proof.binding.point.filter((_, i) => i !== held);
    expect(await verdict(JSON.stringify({ ...proof, binding: { ...proof.binding, point } }))).toMatchObject({ fault: 'chain' });
  });

  it('R9.2-2: does not bind where the account’s last word is left out, and is refused where the usage point’s is', async () => {
    const proof = JSON.parse(await proofOf(OF_LATER)) as BillProof;
    const { account, point } = proof.binding;
    const without = (binding: Partial<BillProof['binding']>) =>
      verdict(JSON.stringify({ ...proof, binding: { account, point, ...binding } }));
    const hidden = await without({ account: account.slice(0, -1) });
    expect(hidden).toMatchObject({ binding: { onWord: expect.arrayContaining([{ about: DAY, why: 'hidden' }]) } });
    expect(await without({ point: [] })).toMatchObject({ fault: 'chain' });
  });

  it('R9.2-2: follows a tenancy that was corrected, each tenant by a statement of their own', async () => {
    const earlier = MOVED - 12 * 3_600_000;
    const correction = { since: earlier, cuts: [{ subject: LATER, from: earlier }], reason: 'told late', by: 'clerk' };
    await correctTenancy(world.platform.as('enrol'), HOME, correction);
    await world.log();
    const [first, later] = [await proofOf(OF_FIRST), await proofOf(OF_LATER)];
    expect(await verdict(later)).toMatchObject({ binding: { onWord: [] } });
    // The bill of the first is of time that is not theirs any more.
    expect(await verdict(first)).toMatchObject({
      binding: {
        onWord: [
          { about: `account/${FIRST}`, why: 'amended' },
          { about: `usagepoint/${HOME}`, why: 'amended' },
          { about: DAY_OF_FIRST, why: 'amended' },
        ],
      },
    });
    expect(await openedOf(first)).not.toContain(LATER);
    expect(await openedOf(later)).not.toContain(FIRST);
  });

  it('R9.2-2: holds where the log has the account’s word before the commit of the usage point that it speaks of', async () => {
    const platform = world.platform.as('billing');
    const earlier = MOVED - 12 * 3_600_000;
    const correction = { since: earlier, cuts: [{ subject: LATER, from: earlier }], reason: 'told late', by: 'clerk' };
    await correctTenancy(world.platform.as('enrol'), HOME, correction);
    await world.log();
    const evidence = await bindingEvidence(platform, { accountId: LATER, usagePoint: HOME });
    const last = evidence.point.at(-1)!.evidence.recorded.version;
    const places = await LogLookup.open(platform.objects);
    const behind: Places = {
      place: async (commit) => {
        if (commit.stream === `usagepoint/${HOME}` && commit.version >= last)
          throw new JoulekeepError('ERR_PROOF_EARLY', 'it waits', { retryable: true });
        return await places.place(commit);
      },
    };
    const text = await proofOf(OF_LATER);
    const withPlaces = async (from: Places) =>
      verdict(JSON.stringify({ ...(JSON.parse(text) as BillProof), binding: await placedBinding(from, evidence, HOME) }));
    expect(await withPlaces(places)).toMatchObject({ binding: { onWord: [] } });
    expect(await withPlaces(behind)).toMatchObject({ binding: { onWord: [] } });
    const [whole, early] = [await placedBinding(places, evidence, HOME), await placedBinding(behind, evidence, HOME)];
    expect([early.account.length, early.point.length]).toEqual([whole.account.length - 1, whole.point.length - 1]);
  });
});
