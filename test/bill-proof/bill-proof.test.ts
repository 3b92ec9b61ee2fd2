import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trust } from '../../bin/proof/trust.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { ProofWorld } from './proof-world.ts';

let world: ProofWorld;
let text: string;
let trust: Trust;
beforeAll(async () => {
  world = await ProofWorld.open();
  text = await world.prove('home-1');
  trust = await world.trust();
}, 60_000);
afterAll(() => world.close());

describe('a proof', () => {
  it('R9.2-2, C10.1-7: shows a bill down to what the meter signed, with nothing but its bytes and trusted keys', () => {
    const shown = verifyProof(text, trust);
    expect(shown).toMatchObject({ days: 3, seals: { sealed: 3, partlySealed: 0, divided: 0, unsealed: [] }, bill: { revision: 1 } });
  });
});
