import { describe, expect, it } from 'vitest';
import { AgainstWitness } from '../../bin/log-check/witnessed.ts';
import type { Witness } from '../../platform/ports/witness.ts';
import { encodeEntry, type LogEntry } from '../../protocol/log/entry.ts';

const ENTRIES = Array.from(
  { length: 7 },
  (_, version): LogEntry => ({ stream: 'segment/00001', version, hash: Buffer.alloc(32, version) }),
);
const OTHER: LogEntry = { ...ENTRIES[4]!, hash: Buffer.alloc(32, 99) };
const ENCODED = ENTRIES.map(encodeEntry);

/** What a witness keeps, by the number of the first entry. */
function witnessOf(pieces: Readonly<Record<number, Buffer>>): Witness {
  const keys = Object.keys(pieces).map((from) => `entries/${from.padStart(16, '0')}-${'0'.repeat(16)}`);
  return {
    put: () => Promise.reject(new Error('nothing is written here')),
    get: (key) => Promise.resolve(pieces[Number(key.slice('entries/'.length, -17))]),
    list: () => Promise.resolve(keys),
  };
}

const bytesOf = (entries: readonly LogEntry[]) => Buffer.concat(entries.map(encodeEntry));

/** Entries of the log come in two parts. */
async function differenceTo(witness: Witness, encoded = ENCODED, ended = true) {
  const against = new AgainstWitness(witness);
  await against.hold(encoded.slice(0, 3));
  await against.hold(encoded.slice(3));
  return await against.difference(ended);
}

describe('C10.1-7: the log is held against what its witness got', () => {
  it('as many entries or fewer are no difference, however they were brought', async () => {
    const whole = { 0: bytesOf(ENTRIES) };
    const inPieces = { 0: bytesOf(ENTRIES.slice(0, 2)), 2: bytesOf(ENTRIES.slice(2, 6)), 6: bytesOf(ENTRIES.slice(6)) };
    const fewer = { 0: bytesOf(ENTRIES.slice(0, 5)) };
    for (const pieces of [whole, inPieces, fewer, {}]) expect(await differenceTo(witnessOf(pieces))).toBeUndefined();
  });

  it('entries that were brought twice count once', async () => {
    const again = { 0: bytesOf(ENTRIES.slice(0, 4)), 2: bytesOf(ENTRIES.slice(2)) };
    expect(await differenceTo(witnessOf(again))).toBeUndefined();
    const otherwise = { 0: bytesOf(ENTRIES.slice(0, 4)), 2: bytesOf([...ENTRIES.slice(2, 4), OTHER]) };
    expect(await differenceTo(witnessOf(otherwise))).toMatchObject({ index: 4 });
    const nothingNew = { 0: bytesOf(ENTRIES.slice(0, 4)), 1: bytesOf(ENTRIES.slice(1, 3)), 4: bytesOf([OTHER]) };
    expect(await differenceTo(witnessOf(nothingNew))).toMatchObject({ index: 4, fault: expect.stringContaining('the log another') });
  });

  it('the first entry that the log has otherwise is named, with its number', async () => {
    const witness = witnessOf({ 0: bytesOf(ENTRIES.slice(0, 4)), 4: bytesOf([OTHER, OTHER]) });
    const fault = 'segment/00001  version 4: the witness has this commit here, the log another';
    expect(await differenceTo(witness)).toEqual({ index: 4, fault });
    const left = witnessOf({ 0: bytesOf([...ENTRIES.slice(0, 4), ENTRIES[5]!, OTHER]) });
    expect(await differenceTo(left)).toEqual({ index: 4, fault: fault.replace('version 4', 'version 5') });
    // Nothing that comes behind it takes it back.
    expect(await differenceTo(witness, ENCODED, false)).toEqual({ index: 4, fault });
  });

  it('an entry that the log ends before is named, unless the log could not be read so far', async () => {
    for (const pieces of [{ 0: bytesOf(ENTRIES) }, { 0: bytesOf(ENTRIES.slice(0, 5)), 5: bytesOf(ENTRIES.slice(5)) }]) {
      const shorter = ENCODED.slice(0, 5);
      expect(await differenceTo(witnessOf(pieces), shorter)).toEqual({
        index: 5,
        fault: 'segment/00001  version 5: the witness has this commit here, the log ends before it',
      });
      expect(await differenceTo(witnessOf(pieces), shorter, false)).toBeUndefined();
    }
  });

  it('what are no entries is a difference, wherever it lies', async () => {
    const noise = Buffer.from('no entry');
    const [some, more] = [bytesOf(ENTRIES.slice(0, 3)), bytesOf(ENTRIES.slice(3))];
    const pieces = [
      { 0: noise },
      { 0: Buffer.concat([some, noise, more]) },
      { 0: Buffer.concat([some, more, noise]) },
      { 0: some, 1: noise },
      { 0: some, 3: noise },
      { 0: Buffer.concat([some, more]), 7: noise },
    ];
    for (const piece of pieces)
      expect(await differenceTo(witnessOf(piece))).toEqual({ index: 0, fault: 'what the witness has are no entries' });
  });
});
