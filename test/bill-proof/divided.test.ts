import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { accountOf, ProofWorld } from './proof-world.ts';

const SUCCESSOR = 'acc-successor';
/** Inside the day on which the clock is put back. */
const MOVED = Date.UTC(2026, 9, 25, 12);
const DIVIDED = 'meterday/00124b0000000001/2026-10-25';

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open({ successor: { account: SUCCESSOR, from: MOVED } });
}, 60_000);
afterEach(() => world.close());

it('R9.2-2: a day that a tenancy divides proves its part of the bill, and is said to rest on more than the meter’s word', async () => {
  const text = await world.prove('home-1');
  expect(text).not.toContain(SUCCESSOR);
  const shown = verifyProof(text, await world.trust());
  expect(shown).toMatchObject({
    days: 2,
    bill: { period: { accountId: accountOf('home-1') } },
    seals: { sealed: 1, divided: 1, unsealed: [], onWord: [{ stream: DIVIDED, why: 'divided' }] },
  });
  const proof = JSON.parse(text) as BillProof;
  const envelopes = proof.days.map(({ envelope }) => Buffer.from(envelope, 'base64').toString('latin1'));
  // Of the successor's part nothing is there, not even sealed.
  expect(envelopes.some((envelope) => envelope.includes(`${DIVIDED}.2`))).toBe(false);
});
