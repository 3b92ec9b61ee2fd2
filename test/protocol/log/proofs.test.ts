import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootOf } from '../../../protocol/log/growing-root.ts';
import { EMPTY_ROOT, leafHash, nodeHash } from '../../../protocol/log/hashes.ts';
import { consistencyProof, inclusionProof, rootOfRange } from '../../../protocol/log/proofs.ts';
import { verifyConsistency, verifyInclusion } from '../../../protocol/log/verification.ts';
import { entriesOf, mth, path, subproof } from './support.ts';

const hashAtOf = (entries: readonly Buffer[]) => (level: number, index: number) =>
  rootOf(entries.slice(index * 2 ** level, (index + 1) * 2 ** level).map(leafHash));
const headOf = (entries: readonly Buffer[]) => ({ size: entries.length, root: rootOf(entries.map(leafHash)) });
const flip = (bytes: Buffer, bit: number) => {
  const copy = Buffer.from(bytes);
  copy[Math.floor(bit / 8) % copy.length]! ^= 1 << (bit % 8);
  return copy;
};

// Leaves and roots that implementations of Certificate Transparency have tested with since RFC 6962.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the log is the tree of RFC 9162', () => {
  it.each(ROOTS.map((root, size) => ({ size, root })))('has the published root over $size leaves', ({ size, root }) => {
    expect(rootOf(LEAVES.slice(0, size).map(leafHash)).toString('hex')).toBe(root);
    expect(mth(LEAVES.slice(0, size)).toString('hex')).toBe(root);
  });

  it('has the roots and proofs that the definitions give, for every leaf and earlier size of logs up to 40', async () => {
    for (let size = 1; size <= 40; size++) {
      const entries = entriesOf(size);
      const hashAt = hashAtOf(entries);
      expect(await rootOfRange(0, size, hashAt)).toEqual(mth(entries));
      for (let at = 0; at < size; at++) expect(await inclusionProof(at, size, hashAt)).toEqual(path(at, entries));
      for (let from = 1; from <= size; from++) expect(await consistencyProof(from, size, hashAt)).toEqual(subproof(from, entries, true));
    }
  });

  it('has no proof for what it never held', async () => {
    const hashAt = hashAtOf(entriesOf(4));
    await expect(inclusionProof(4, 4, hashAt)).rejects.toThrow(RangeError);
    await expect(inclusionProof(-1, 4, hashAt)).rejects.toThrow(RangeError);
    await expect(consistencyProof(5, 4, hashAt)).rejects.toThrow(RangeError);
    for (const no of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(inclusionProof(no, 4, hashAt)).rejects.toThrow(RangeError);
      await expect(inclusionProof(0, no, hashAt)).rejects.toThrow(RangeError);
      await expect(consistencyProof(no, 4, hashAt)).rejects.toThrow(RangeError);
      await expect(consistencyProof(0, no, hashAt)).rejects.toThrow(RangeError);
    }
    await expect(inclusionProof(0, 0, hashAt)).rejects.toThrow(RangeError);
    expect(await consistencyProof(0, 4, hashAt)).toEqual([]);
    expect(await consistencyProof(4, 4, hashAt)).toEqual([]);
    expect(await consistencyProof(0, 0, hashAt)).toEqual([]);
  });
});

const logAndLeaf = fc.integer({ min: 1, max: 600 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
const logAndEarlier = fc.integer({ min: 1, max: 600 }).chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size })));

describe('C10.1-7: inclusion', () => {
  it('C10.1-7: every entry is proven, and no other entry, place, size, root or proof is', async () => {
    await fc.assert(
      fc.asyncProperty(logAndLeaf, fc.nat(255), fc.nat(20), async ([size, index], bit, which) => {
        const entries = entriesOf(size);
        const head = headOf(entries);
        const proof = await inclusionProof(index, size, hashAtOf(entries));
        const claim = { leaf: leafHash(entries[index]!), index, head, proof };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: flip(claim.leaf, bit) })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: leafHash(Buffer.from('another')) })).toBe(false);
        expect(verifyInclusion({ ...claim, head: { ...head, root: flip(head.root, bit) } })).toBe(false);
        expect(verifyInclusion({ ...claim, index: (index + 1) % (size + 1) })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, head.root] })).toBe(false);
        if (proof.length === 0) return;
        expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: proof.slice(0, -1) })).toBe(false);
        const altered = proof.with(which % proof.length, flip(proof[which % proof.length]!, bit));
        expect(verifyInclusion({ ...claim, proof: altered })).toBe(false);
      }),
    );
  });

  it('C10.1-7: a node never passes for an entry, nor an entry that is cut or padded for a hash', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    const root = nodeHash(left, right);
    expect(verifyInclusion({ leaf: leafHash(Buffer.concat([left, right])), index: 0, head: { size: 1, root }, proof: [] })).toBe(false);
    expect(verifyInclusion({ leaf: left.subarray(0, 31), index: 0, head: { size: 2, root }, proof: [right] })).toBe(false);
    expect(verifyInclusion({ leaf: left, index: 0, head: { size: 2, root }, proof: [Buffer.concat([right, right])] })).toBe(false);
    expect(verifyInclusion({ leaf: left, index: 0, head: { size: 2, root }, proof: [right] })).toBe(true);
  });

  it('C10.1-7: a byte of one hash is no byte of the one beside it', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    const both = Buffer.concat([left, right]);
    const [cut, padded] = [both.subarray(0, 31), both.subarray(0, 33)];
    const head = { size: 2, root: nodeHash(left, right) };
    for (const leaf of [cut, padded]) {
      const rest = both.subarray(leaf.length);
      expect(nodeHash(leaf, rest)).toEqual(head.root);
      expect(verifyInclusion({ leaf, index: 0, head, proof: [rest] })).toBe(false);
      expect(verifyConsistency({ from: { size: 1, root: leaf }, to: head, proof: [rest] })).toBe(false);
    }
    expect(verifyConsistency({ from: { size: 1, root: left }, to: head, proof: [right] })).toBe(true);
    const [long, short] = [both.subarray(0, 33), both.subarray(33)];
    expect(verifyInclusion({ leaf: short, index: 1, head, proof: [long] })).toBe(false);
  });

  it('C10.1-7: a proof that is too short or too long for its size proves nothing, whatever it hashes to', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    const root = nodeHash(left, right);
    expect(verifyInclusion({ leaf: left, index: 0, head: { size: 4, root }, proof: [right] })).toBe(false);
    expect(verifyInclusion({ leaf: right, index: 0, head: { size: 1, root }, proof: [left] })).toBe(false);
    const [from, to] = [
      { size: 2, root },
      { size: 3, root: nodeHash(root, left) },
    ];
    expect(verifyConsistency({ from, to, proof: [left] })).toBe(true);
    expect(verifyConsistency({ from, to: { ...to, size: 5 }, proof: [left] })).toBe(false);
    expect(verifyConsistency({ from: { size: 1, root: nodeHash(right, left) }, to: { size: 1, root }, proof: [right] })).toBe(false);
  });

  it.each([-1, 0.5, Number.NaN, 2, 2 ** 53])('C10.1-7: place %d of two is no place', (index) => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    expect(verifyInclusion({ leaf: left, index, head: { size: 2, root: nodeHash(left, right) }, proof: [right] })).toBe(false);
  });
});

describe('C10.1-7: consistency', () => {
  it('C10.1-7: every earlier log is a beginning of the later one, and nothing else is', async () => {
    await fc.assert(
      fc.asyncProperty(logAndEarlier, fc.nat(255), fc.nat(20), async ([size, earlier], bit, which) => {
        const entries = entriesOf(size);
        const [from, to] = [headOf(entries.slice(0, earlier)), headOf(entries)];
        const proof = await consistencyProof(earlier, size, hashAtOf(entries));
        const claim = { from, to, proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, from: { ...from, root: flip(from.root, bit) } })).toBe(false);
        expect(verifyConsistency({ ...claim, to: { ...to, root: flip(to.root, bit) } })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...proof, to.root] })).toBe(false);
        expect(verifyConsistency({ ...claim, to: from, from: to })).toBe(earlier === size);
        if (proof.length === 0) return;
        expect(verifyConsistency({ ...claim, proof: proof.slice(0, -1) })).toBe(false);
        const altered = proof.with(which % proof.length, flip(proof[which % proof.length]!, bit));
        expect(verifyConsistency({ ...claim, proof: altered })).toBe(false);
      }),
    );
  });

  it('C10.1-7: a log in which one old entry was changed has no proof from what was signed before', async () => {
    await fc.assert(
      fc.asyncProperty(logAndEarlier, fc.nat(), async ([size, earlier], at) => {
        const entries = entriesOf(size);
        const forged = entries.with(at % earlier, Buffer.from('forged'));
        const proof = await consistencyProof(earlier, size, hashAtOf(forged));
        expect(verifyConsistency({ from: headOf(entries.slice(0, earlier)), to: headOf(forged), proof })).toBe(false);
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('C10.1-7: a log of %d entries is none', (size) => {
    const { root } = headOf(entriesOf(3));
    expect(verifyConsistency({ from: { size, root }, to: { size, root }, proof: [] })).toBe(false);
    expect(verifyConsistency({ from: { size: 0, root: EMPTY_ROOT }, to: { size, root }, proof: [] })).toBe(false);
    expect(verifyConsistency({ from: { size, root: EMPTY_ROOT }, to: { size: 3, root }, proof: [] })).toBe(false);
    expect(verifyInclusion({ leaf: root, index: 0, head: { size, root }, proof: [] })).toBe(false);
  });

  it('C10.1-7: hashes that are cut or padded prove no beginning', async () => {
    const [from, to] = [headOf(entriesOf(3)), headOf(entriesOf(7))];
    const proof = await consistencyProof(3, 7, hashAtOf(entriesOf(7)));
    expect(verifyConsistency({ from, to, proof })).toBe(true);
    expect(verifyConsistency({ from, to, proof: [] })).toBe(false);
    for (const spoil of [(hash: Buffer) => hash.subarray(0, 31), (hash: Buffer) => Buffer.concat([hash, Buffer.of(0)])]) {
      for (const at of proof.keys()) expect(verifyConsistency({ from, to, proof: proof.with(at, spoil(proof[at]!)) })).toBe(false);
      const same = { size: 3, root: spoil(from.root) };
      expect(verifyConsistency({ from: same, to: same, proof: [] })).toBe(false);
    }
  });

  it('C10.1-7: the same log needs no proof, and takes none', () => {
    const head = headOf(entriesOf(5));
    expect(verifyConsistency({ from: head, to: head, proof: [] })).toBe(true);
    expect(verifyConsistency({ from: head, to: head, proof: [head.root] })).toBe(false);
    const empty = { size: 0, root: EMPTY_ROOT };
    expect(verifyConsistency({ from: empty, to: empty, proof: [] })).toBe(true);
    expect(verifyConsistency({ from: empty, to: head, proof: [head.root] })).toBe(false);
  });

  it('C10.1-7: places behind 2^32 are places as well', async () => {
    const size = 2 ** 33 + 3;
    const index = 2 ** 33 + 1;
    const leafAt = (at: number) => leafHash(Buffer.from(`entry ${at}`));
    const hashAt = (level: number, at: number) => {
      if (level === 1) return nodeHash(leafAt(2 * at), leafAt(2 * at + 1));
      return level === 0 ? leafAt(at) : leafHash(Buffer.from(`subtree ${level}/${at}`));
    };
    const headOfFirst = async (count: number) => ({ size: count, root: await rootOfRange(0, count, hashAt) });
    const head = await headOfFirst(size);
    const claim = { leaf: leafAt(index), index, head, proof: await inclusionProof(index, size, hashAt) };
    expect(claim.proof).toHaveLength(3);
    expect(verifyInclusion(claim)).toBe(true);
    for (const other of [index - 1, index + 1, index % 2 ** 32]) expect(verifyInclusion({ ...claim, index: other })).toBe(false);
    const from = await headOfFirst(index);
    const proof = await consistencyProof(index, size, hashAt);
    expect(verifyConsistency({ from, to: head, proof })).toBe(true);
    expect(verifyConsistency({ from: { ...from, size: index - 1 }, to: head, proof })).toBe(false);
  });

  it('C10.1-7: everything continues the empty log, and nothing else has its size', () => {
    const to = headOf(entriesOf(3));
    expect(verifyConsistency({ from: { size: 0, root: EMPTY_ROOT }, to, proof: [] })).toBe(true);
    expect(verifyConsistency({ from: { size: 0, root: to.root }, to, proof: [] })).toBe(false);
    expect(verifyConsistency({ from: { size: 0, root: EMPTY_ROOT }, to: { size: 0, root: to.root }, proof: [] })).toBe(false);
    expect(verifyConsistency({ from: { size: 2, root: to.root }, to, proof: [] })).toBe(false);
  });
});
