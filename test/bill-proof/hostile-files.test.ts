import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import type { Trust } from '../../bin/proof/trust.ts';
import { type Refused, verifyProof } from '../../bin/proof/verify-proof.ts';
import { refusalLine } from '../../bin/texts/proof-text.ts';
import { checkpointNote, checkpointText } from '../../protocol/log/checkpoint.ts';
import { withAt } from './members.ts';
import { type Facts, factsOf, provenAnew, trustAnew } from './opened-proof.ts';
import { ProofWorld } from './proof-world.ts';

const CLEAR = '\u001b[2J\u001b[H\nlines      every line follows\u202e\u001b[8m';

let world: ProofWorld;
let honest: BillProof;
let trust: Trust;
let facts: Facts;
beforeAll(async () => {
  world = await ProofWorld.open();
  honest = JSON.parse(await world.prove('home-1')) as BillProof;
  trust = await world.trust();
  facts = factsOf(honest, trust);
}, 60_000);
afterAll(() => world.close());

async function verdictOn(changed: Facts) {
  return verifyProof(JSON.stringify(await provenAnew(honest, changed)), trustAnew(trust));
}

describe('a commit that was given its date', () => {
  it('R9.2-2: is refused where it is younger than the checkpoint, and taken where clocks differ', async () => {
    const { checkpoint } = verifyProof(JSON.stringify(await provenAnew(honest, facts)), trustAnew(trust)) as { checkpoint: { at: number } };
    const young = await verdictOn({ ...facts, bill: { ...facts.bill, recordedAt: checkpoint.at + 300_001 } });
    expect(young).toMatchObject({ fault: 'log', what: expect.stringContaining('younger than the checkpoint') });
    expect(await verdictOn({ ...facts, bill: { ...facts.bill, recordedAt: checkpoint.at + 300_000 } })).not.toHaveProperty('fault');
  });
});

describe('a checkpoint', () => {
  it('C10.1-7: is refused with a time that no date can say, whoever signed it', () => {
    const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const openedAt = (at: number) => {
      const head = { origin: 'joulekeep/log', size: 1, root: Buffer.alloc(32), at };
      const signature = sign('sha256', Buffer.from(checkpointText(head)), { key, dsaEncoding: 'ieee-p1363' });
      return trustedCheckpoint({ checkpoint: checkpointNote(head, signature, spki) }, { checkpointKeys: [spki], meterAuthorities: [] }).at;
    };
    const last = 8_640_000_000_000_000;
    expect(new Date(openedAt(last)).toISOString()).toBe('+275760-09-13T00:00:00.000Z');
    expect(() => openedAt(last + 1)).toThrow(expect.objectContaining({ check: 'checkpoint' }));
  });
});

describe('a file that is not what was handed out', () => {
  it.each([
    ['text that is no JSON', CLEAR],
    ['entries that are none, a million of them', `{"days":[${'0,'.repeat(1_000_000)}0]}`],
  ])('C10.1-7: is refused in a line that hides nothing: %s', (_what, text) => {
    const found = verifyProof(text, trust) as Refused;
    expect(found.fault).toBe('layout');
    expect(refusalLine('a.proof', found)).toMatch(/^[ -~]{20,600}$/);
  });

  it('C10.1-7: is refused in such a line where a document of the utility quotes itself', async () => {
    const document = (text: string) => JSON.stringify({ ...(JSON.parse(text) as object), [CLEAR]: 1 });
    const found = await verdictOn(
      withAt(facts, ['tariffs', 0, 'events', 0, 'data', 'document'], (text) => document(text as string)) as Facts,
    );
    expect(refusalLine('a.proof', found as Refused)).toMatch(/^[^\p{C}\n]{20,700}$/u);
  });
});
