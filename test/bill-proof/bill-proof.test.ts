import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BillProof, ProvenCommit } from '../../api/bill-proof.ts';
import { checkProofFile } from '../../bin/proof/check-file.ts';
import { type Trust, trustIn } from '../../bin/proof/trust.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { DomainEvent } from '../../events/index.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { openWith } from '../../platform/store/commit.ts';
import { parseEnvelope } from '../../platform/store/envelope.ts';
import { secretKeyOf, strangersKeys } from './forgery.ts';
import { accountOf, billOf, ProofWorld } from './proof-world.ts';

let world: ProofWorld;
let text: string;
let other: BillProof;
let trust: Trust;
beforeAll(async () => {
  world = await ProofWorld.open();
  text = await world.prove('home-1');
  other = JSON.parse(await world.prove('home-2')) as BillProof;
  trust = await world.trust();
}, 60_000);
afterAll(() => world.close());

/** What is wrong with the proof when something of it is changed; undefined when nothing is. */
function faultOf(change: (proof: BillProof) => unknown, whom = trust): string | undefined {
  const proof = JSON.parse(text) as BillProof;
  change(proof);
  const found = verifyProof(JSON.stringify(proof), whom);
  return 'fault' in found ? found.fault : undefined;
}

describe('a proof', () => {
  it('R9.2-2, C10.1-7: shows a bill down to what the meter signed, with nothing but its bytes and trusted keys', () => {
    const shown = verifyProof(text, trust);
    expect(shown).toMatchObject({ days: 3, commits: 7, bill: { revision: 1, period: { usagePoint: 'home-1' } } });
    expect(shown).toMatchObject({ seals: { sealed: 3, partlySealed: 0, divided: 0, unsealed: [], onWord: [] } });
  });

  it('R9.2-2, C10.1-7: is refused with any one byte altered, wherever it is', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Buffer.from(bytes);
        altered[at]! ^= change;
        expect(verifyProof(altered.toString(), trust)).toHaveProperty('fault');
      }),
      { numRuns: 400 },
    );
  });

  it('R9.2-2: is refused with one letter of any of its fields altered', () => {
    const places = [...text.matchAll(/"((?:[^"\\]|\\.)+)"|(?<=:)\d+/g)];
    expect(places.length).toBeGreaterThan(40);
    for (const { index, 0: found } of places) {
      const at = index + Math.floor(found.length / 2);
      const letter = text[at] === 'A' ? 'B' : /\d/.test(text[at]!) ? String((Number(text[at]) + 1) % 10) : 'A';
      expect(verifyProof(text.slice(0, at) + letter + text.slice(at + 1), trust), `${at}: ${found.slice(0, 40)}`).toHaveProperty('fault');
    }
  });

  it('is refused cut off at any length, with something behind it, or written in another way', () => {
    for (let length = 0; length < text.length; length += 997) expect(verifyProof(text.slice(0, length), trust)).toHaveProperty('fault');
    for (const more of ['\n', ' ', '{}', text]) expect(verifyProof(text + more, trust)).toMatchObject({ fault: 'layout' });
    expect(verifyProof(JSON.stringify(JSON.parse(text), null, 1), trust)).toMatchObject({ fault: 'layout' });
    expect(verifyProof(text.replace('"bill"', '"b\\u0069ll"'), trust)).toMatchObject({ fault: 'layout' });
  });

  it('R9.2-2: is refused where bytes are written with other letters that mean the same', () => {
    // The letter before the padding has two bits that no byte of a key takes.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const other = (key: string) => `${key.slice(0, -2)}${letters[letters.indexOf(key.at(-2)!) ^ 1]}=`;
    expect(faultOf(({ bill }) => Object.assign(bill, { key: other(bill.key) }))).toBe('layout');
  });

  it('R9.2-2: is checked from two files, and says what holds or what does not', async () => {
    const file = (name: string) => join(world.directory, name);
    writeFileSync(file('bill.proof'), text);
    writeFileSync(file('other.proof'), JSON.stringify({ ...JSON.parse(text), days: other.days }));
    writeFileSync(file('keys.pem'), await world.keys());
    const said: string[] = [];
    expect(checkProofFile(file('bill.proof'), file('keys.pem'), (line) => void said.push(line))).toBe('holds');
    expect(said.join('\n')).toMatch(
      /acc-home-1 at home-1, 2026-10-24 to 2026-10-27, revision 1[\s\S]*3 days lead to what their meter signed/,
    );
    expect(said).toContainEqual(expect.stringMatching(/^meters {5}[0-9a-f]{16}; compare with the number on your meter/));
    const wrong: string[] = [];
    expect(checkProofFile(file('other.proof'), file('keys.pem'), (line) => void wrong.push(line))).toBe('fails');
    expect(said.join('\n')).not.toContain('word');
    expect(wrong).toEqual([expect.stringContaining('the commits are not those of the bill (streams)')]);
    expect(() => checkProofFile(file('none'), file('keys.pem'), () => undefined)).toThrow(/can't be read/);
  });

  it('C10.1-7: rests on a checkpoint that a trusted key signed', async () => {
    expect(faultOf(() => undefined, { ...trust, checkpointKeys: strangersKeys() })).toBe('checkpoint');
    expect(faultOf((proof) => Object.assign(proof, { checkpoint: proof.checkpoint.replace('joulekeep', 'joulekept') }))).toBe('checkpoint');
  });

  it('C10.1-7: shows each commit at its own place in the log', () => {
    expect(faultOf(({ bill }) => Object.assign(bill, { entry: bill.entry - 1 }))).toBe('log');
    expect(faultOf(({ bill, days }) => Object.assign(bill, { path: days[0]!.path, entry: days[0]!.entry }))).toBe('log');
    expect(faultOf(({ bill }) => Object.assign(bill, { path: '' }))).toBe('log');
  });

  it('R9.2-2: opens each commit by its own key', () => {
    expect(faultOf(({ bill, days }) => Object.assign(bill, { key: days[0]!.key }))).toBe('key');
    expect(faultOf(({ bill }) => Object.assign(bill, { key: '' }))).toBe('key');
  });

  it.each<[string, (proof: BillProof) => unknown]>([
    ['days of another home', (proof) => Object.assign(proof, { days: other.days })],
    ['a day of another home besides', ({ days }) => days.push(other.days[0]!)],
    ['a day less', ({ days }) => days.pop()],
    ['a day twice', ({ days }) => days.push(days[0]!)],
    ['days in another order', ({ days }) => days.reverse()],
    ['no tariff', ({ tariffs }) => tariffs.pop()],
    ['a tariff twice', ({ tariffs }) => tariffs.push(tariffs[0]!)],
    ['a day in the place of the bill', (proof) => Object.assign(proof, { bill: proof.days[0] })],
    ['a certificate of another meter besides', ({ certificates }) => certificates.push(other.certificates[0]!)],
  ])('R9.2-2: with %s is refused', (_what, change) => {
    expect(faultOf(change)).toBe('streams');
  });

  it('R9.2-2: rests on certificates of a trusted authority, which sealed the days', () => {
    expect(faultOf(() => undefined, { ...trust, meterAuthorities: [] })).toBe('seal');
    expect(faultOf(({ certificates }) => certificates.pop())).toBe('seal');
    expect(faultOf(({ certificates }) => Object.assign(certificates[0]!, { certificate: other.certificates[0]!.certificate }))).toBe(
      'seal',
    );
  });

  it('says whom it can believe only where somebody is named', () => {
    expect(() => trustIn('nothing here', 'keys.pem')).toThrow(/keys\.pem: there is no PUBLIC KEY/);
  });
});

describe('who has a proof', () => {
  it('C10.1-7: opens by its keys the commits in it and no others of the store, neither bills nor days nor telemetry', async () => {
    const proof = JSON.parse(text) as BillProof;
    const commits = [proof.bill, ...proof.days, ...proof.tariffs];
    const own = new Set(commits.map(({ envelope }) => envelope));
    for (const commit of commits) expect(opens(commit, commit.key)).toBe(true);
    const others = (await everything(world.platform)).filter(({ envelope }) => !own.has(envelope));
    expect(others.filter(({ envelope }) => Buffer.from(envelope, 'base64').includes('acc-home-2')).length).toBeGreaterThan(3);
    expect(others.length).toBeGreaterThan(80);
    for (const commit of others) for (const { key } of commits) expect(opens(commit, key)).toBe(false);
  });

  it('R9.2-2: has nothing of another account in it', () => {
    expect(JSON.stringify(JSON.parse(text))).not.toContain('home-2');
    for (const { envelope } of [other.bill, ...other.days]) expect(text.includes(envelope)).toBe(false);
  });

  it('is on record before: who, for what, whose, which time', async () => {
    const found = await accesses(world.platform);
    const proofs = found.filter(({ purpose, subjects }) => purpose === 'export' && subjects.join() === accountOf('home-1'));
    expect(proofs.map(({ principal, person }) => [principal, person])).toEqual([
      ['billing', 'ann'],
      ['billing', 'ann'],
    ]);
  });

  it('asks for a bill that is: another’s and none are refused alike', async () => {
    await expect(world.prove('home-1', { stream: billOf('home-9') })).rejects.toMatchObject({ code: 'ERR_BILL_UNKNOWN' });
    await expect(world.prove('home-1', { stream: billOf('home-2') })).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
  });
});

function opens({ envelope, body, tag }: Pick<ProvenCommit, 'envelope' | 'body' | 'tag'>, key: string): boolean {
  const bytes = (part: string) => Buffer.from(part, 'base64');
  const parsed = parseEnvelope(bytes(envelope));
  const stored = { stream: parsed.stream, version: parsed.version, envelope: bytes(envelope), body: bytes(body), tag: bytes(tag) };
  try {
    return openWith(stored, parsed, secretKeyOf(bytes(key))).length > 0;
  } catch {
    return false;
  }
}

/** Every commit of the store, as its bytes. */
async function everything(platform: Embedded): Promise<readonly Pick<ProvenCommit, 'envelope' | 'body' | 'tag'>[]> {
  const found: Pick<ProvenCommit, 'envelope' | 'body' | 'tag'>[] = [];
  for (const principal of ['auditor', 'billing']) {
    const { events } = platform.as(principal);
    const window = { principal, purpose: 'audit', from: 0, until: Date.UTC(2100, 0, 1) } as const;
    const access = grantSubjectAccess(window, ['acc-home-1', 'acc-home-2']);
    const families =
      principal === 'auditor' ? ['segment/', 'meter/', 'usagepoint/', 'account/', 'access/'] : ['bill/', 'meterday/', 'tariff/'];
    for (const family of families)
      for await (const stream of events.streams(family))
        for await (const { envelope, body, tag } of events.evidence(stream, 0, access))
          found.push({ envelope: envelope.toString('base64'), body: body.toString('base64'), tag: tag.toString('base64') });
  }
  return found;
}

async function accesses(platform: Embedded) {
  const { events } = platform.as('auditor');
  const found: Extract<DomainEvent, { type: 'DataAccessed' }>['data'][] = [];
  for await (const stream of events.streams('access/'))
    for await (const commit of events.read(stream))
      for (const event of commit.events) if (event.type === 'DataAccessed') found.push(event.data);
  return found;
}
