import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BANDS, bandOf, FEED_ITEM } from '../../events/catalogue/feed-item.ts';
import { FeedChain } from '../../lambdas/shared/feeds/feed-chain.ts';
import { JwsSigner } from '../../lambdas/shared/feeds/jws-signer.ts';
import type { Kms } from '../../platform/ports/kms.ts';
import { FEED_START, type FeedHead, type ReceivedItem, verifyChain } from '../../protocol/feed.ts';
import { compactJws, jwsHash, jwsSigningInput } from '../../protocol/jws.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import { defencesUnderTest } from '../support/defences.ts';

const FEED = 'operator/test';
const TYP = 'joulekeep-test-feed+jws';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signed = (message: Buffer) => sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
const kms = {
  getPublicKey: async () => publicKey.export({ format: 'der', type: 'spki' }),
  sign: async (_id: string, message: Buffer) => signed(message),
} as Partial<Kms> as Kms;
const trust = { feed: FEED, typ: TYP, keys: new Map([[keyThumbprint(publicKey), { key: publicKey, typ: TYP }]]) };

async function feed(count: number, name = FEED): Promise<{ readonly items: string[]; readonly head: FeedHead }> {
  const chain = new FeedChain(name, new JwsSigner(kms, 'test', TYP), defencesUnderTest());
  const items: string[] = [];
  let head = FEED_START;
  for (let i = 1; i <= count; i++) {
    const statement = { issuedAt: i, revision: 1, window: { from: i, until: i + 1 } };
    const next = await chain.next(head, statement, { energyWh: i * 100, seq: 99 });
    items.push(next.jws);
    head = next.head;
  }
  return { items, head };
}

/** The item as somebody would have it who can't sign. */
function altered(jws: string, change: Readonly<Record<string, unknown>>): string {
  const [head, body, signature] = jws.split('.') as [string, string, string];
  const payload = { ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), ...change };
  return [head, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.');
}

/** The item as the key's owner would sign it with another content. */
function signedAnew(payload: unknown): string {
  const input = jwsSigningInput({ kid: keyThumbprint(publicKey), typ: TYP }, Buffer.from(JSON.stringify(payload)));
  return compactJws(input, signed(input));
}

const faultsOf = (received: readonly ReceivedItem[], from?: FeedHead) =>
  verifyChain(received, trust, from).faults.map(({ fault, expected }) => `${fault} ${expected}`);

describe('chain of a signed feed', () => {
  it('R9.4-2, R9.3-2: untouched it verifies, whole or page by page, and says where it stands', async () => {
    const { items, head } = await feed(6);
    const whole = verifyChain(items, trust);
    expect(whole.faults).toEqual([]);
    expect(whole.head).toEqual(head);
    expect(whole.items.map(({ seq, payload }) => [seq, payload?.['energyWh']])).toEqual([1, 2, 3, 4, 5, 6].map((i) => [i, i * 100]));
    for (const { payload } of whole.items) expect(FEED_ITEM.safeParse(payload).success).toBe(true);
    const first = verifyChain(items.slice(0, 2), trust);
    expect(verifyChain(items.slice(2), trust, first.head)).toMatchObject({ head, faults: [] });
  });

  it('R9.3-2: what came before the receiver stood there is no fault, and what contradicts where it stands is', async () => {
    const { items, head } = await feed(5);
    const at3 = verifyChain(items.slice(0, 3), trust).head;
    const again = verifyChain(items, trust, at3);
    expect([again.faults, again.head, again.items.map(({ seq }) => seq)]).toEqual([[], head, [4, 5]]);
    const other = signedAnew({ feed: FEED, seq: 3, prevHash: jwsHash(items[1]!) });
    expect(faultsOf([other], at3)).toEqual(['fork 4']);
    expect(verifyChain([], trust, at3)).toEqual({ head: at3, proven: at3, items: [], faults: [] });
    expect(verifyChain([items[3]!, other, 'none'], trust, at3).faults.map(({ index, fault }) => [index, fault])).toEqual([
      [1, 'fork'],
      [2, 'malformed'],
    ]);
  });

  it('R9.4-2: a lost item shows at the next one, and what follows still counts', async () => {
    const { items } = await feed(5);
    const without = items.toSpliced(2, 1);
    expect(faultsOf(without)).toEqual(['gap 3']);
    expect(verifyChain(without, trust).items.map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
    expect(faultsOf(items.slice(1))).toEqual(['gap 1']);
  });

  it('R9.4-2: what was altered, even by who can sign, does not fit; a second item of one sequence is a fork', async () => {
    const { items } = await feed(4);
    expect(faultsOf(items.with(1, altered(items[1]!, { energyWh: 1 })))).toEqual(['wrong-signature 2', 'gap 2']);
    const place = { feed: FEED, seq: 2, prevHash: jwsHash(items[0]!) };
    const other = signedAnew({ ...place, energyWh: 1 });
    expect(faultsOf(items.with(1, other))).toEqual(['broken-chain 3', 'gap 3']);
    expect(faultsOf([...items, other])).toEqual(['fork 5']);
    const elsewhere = signedAnew({ ...place, feed: 'operator/other' });
    expect(faultsOf([items[0]!, elsewhere])).toEqual(['wrong-feed 2']);
  });

  it('a signature for something else, by somebody else or over no item at all is none', async () => {
    const { items } = await feed(1);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect(verifyChain(items, { ...trust, keys: new Map([[keyThumbprint(stranger), { key: stranger, typ: TYP }]]) }).faults[0]?.fault).toBe(
      'unknown-key',
    );
    expect(verifyChain(items, { ...trust, typ: 'joulekeep-price+jws' }).faults[0]?.fault).toBe('wrong-purpose');
    for (const payload of [
      [],
      'text',
      { feed: FEED, seq: 0, prevHash: FEED_START.hash },
      { feed: FEED, seq: 1.5, prevHash: '' },
      { seq: 1 },
      null,
      7,
      { feed: FEED, seq: 1 },
      { feed: 7, seq: 1, prevHash: FEED_START.hash },
      { feed: FEED, seq: '1', prevHash: FEED_START.hash },
    ])
      expect(verifyChain([signedAnew(payload)], trust).faults[0]?.fault).toBe('no-place');
  });

  it('what is signed and no JSON has no place', () => {
    const input = jwsSigningInput({ kid: keyThumbprint(publicKey), typ: TYP }, Buffer.from('{'));
    expect(verifyChain([compactJws(input, signed(input))], trust).faults).toEqual([{ index: 0, fault: 'no-place', expected: 1 }]);
  });

  it('begins behind nothing: number 0, and 32 bytes of zeros', () => {
    expect(FEED_START).toEqual({ seq: 0, hash: 'A'.repeat(43) });
  });

  it('R9.4-2: an erased item keeps its place by its hash, which the next signed one proves', async () => {
    const { items, head } = await feed(3);
    const erased = { feed: FEED, seq: 2, prevHash: jwsHash(items[0]!), erased: jwsHash(items[1]!) };
    expect(verifyChain([items[0]!, erased, items[2]!], trust)).toMatchObject({ head, proven: head, faults: [] });
    expect(verifyChain([items[0]!, erased], trust)).toMatchObject({ head: { seq: 2 }, proven: { seq: 1 }, faults: [] });
    const forged = { ...erased, erased: FEED_START.hash };
    expect(faultsOf([items[0]!, forged, items[2]!])).toEqual(['broken-chain 3']);
  });

  it('any order of repeats verifies; any loss or exchange of two is found', async () => {
    const { items } = await feed(8);
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 20 }), fc.nat(7), fc.nat(7), (repeats, a, b) => {
        const again = items.flatMap((item, i) => [item, ...repeats.filter((at) => at <= i).map((at) => items[at]!)]);
        expect(verifyChain(again, trust)).toMatchObject({ head: { seq: 8 }, faults: [] });
        if (a < 7) expect(verifyChain(items.toSpliced(a, 1), trust).faults).not.toEqual([]);
        if (a !== b) expect(verifyChain(items.with(a, items[b]!).with(b, items[a]!), trust).faults).not.toEqual([]);
      }),
    );
  });
});

describe('bands', () => {
  it('tell a share no closer than the four of them', () => {
    expect([1000, 990, 989, 950, 949, 900, 899, 0].map(bandOf)).toEqual([
      '>=99%',
      '>=99%',
      '95-99%',
      '95-99%',
      '90-95%',
      '90-95%',
      '<90%',
      '<90%',
    ]);
    expect(BANDS).toHaveLength(4);
  });
});
