import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillProof, ProvenCommit } from '../../api/bill-proof.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { BillEvent } from '../../events/index.ts';
import { LogLookup } from '../../lambdas/bill-proof/log-lookup.ts';
import { provenCommit } from '../../lambdas/bill-proof/proven-commit.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { issuedTo, record } from './false-bills.ts';
import { accountOf, billOf, ProofWorld } from './proof-world.ts';

const HOME = 'home-1';
const OWN = accountOf(HOME);
/** The name of another bill of the account. */
const ANOTHER = `bill/${OWN}/${HOME}.2026-09-24`;

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

const say = (stream: string, ...events: readonly BillEvent[]) => record(world, 'billing', stream, events, { of: 'billing', subject: OWN });

/** The last commit of a stream, with its key and its place. */
async function lastOf(stream: string): Promise<ProvenCommit> {
  const platform = world.platform.as('billing');
  const window = { principal: 'billing', purpose: 'audit', from: 0, until: Date.UTC(2100, 0, 1) } as const;
  const commits = await Array.fromAsync(platform.events.evidence(stream, 0, grantSubjectAccess(window, [OWN])));
  return await provenCommit(await LogLookup.open(platform.objects), commits.at(-1)!);
}

/** What is found with this commit in the place of the bill. */
async function withBill(stream: string) {
  await world.log();
  const proof = JSON.parse(await world.prove(HOME)) as BillProof;
  return verifyProof(JSON.stringify({ ...proof, bill: await lastOf(stream) }), await world.trust());
}

describe('the commit that a bill went out with', () => {
  it('R9.2-2, C10.1-7: lies in the stream of that bill, and in no other', async () => {
    await say(ANOTHER, { type: 'BillComputed', data: await issuedTo(world, HOME) });
    expect(await withBill(ANOTHER)).toMatchObject({ fault: 'streams', what: expect.stringContaining("the bill is another's") });
    expect(await withBill(billOf(HOME))).toMatchObject({ bill: { revision: 1 } });
  });

  it('R9.2-2: says what the bill was rated from', async () => {
    const { basis: _basis, period, ...bill } = await issuedTo(world, HOME);
    await say(ANOTHER, { type: 'BillComputed', data: { ...bill, period: { ...period, from: '2026-09-24' } } });
    expect(await withBill(ANOTHER)).toMatchObject({ fault: 'streams', what: expect.stringContaining('no bill went out') });
  });

  it('R9.2-2, C10.1-7: is of the last bill in it', async () => {
    const issued = await issuedTo(world, HOME);
    const again = { ...issued, revision: 2, beforeMicro: issued.totalMicro, differenceMicro: '0', reason: 'again' };
    await say(billOf(HOME), { type: 'BillComputed', data: { ...issued, totalMicro: '1' } }, { type: 'BillRerated', data: again });
    expect(await world.verdict(HOME)).toMatchObject({ bill: { revision: 2, totalMicro: issued.totalMicro } });
  });
});
