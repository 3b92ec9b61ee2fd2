import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointNote, checkpointText, openCheckpoint } from '../../../protocol/log/checkpoint.ts';
import { encodeEntry, parseEntries, parseEntry } from '../../../protocol/log/entry.ts';
import { rootOf } from '../../../protocol/log/growing-root.ts';
import { leafHash } from '../../../protocol/log/hashes.ts';
import { bundlePath, hashInTile, TILE_WIDTH, tileOf, tilePath } from '../../../protocol/log/tiles.ts';
import { refusal } from '../support.ts';
import { entriesOf } from './support.ts';

const refused = (attempt: () => unknown) => refusal('ERR_LOG_REFUSED', attempt);

describe('entries of the log', () => {
  const ENTRY = { stream: 'segment/00000', version: 513, hash: Buffer.alloc(32, 7) };

  it('are deterministic CBOR, and come back as they were', () => {
    expect(encodeEntry(ENTRY).toString('hex')).toBe(`836d${Buffer.from('segment/00000').toString('hex')}1902015820${'07'.repeat(32)}`);
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }), fc.maxSafeNat(), (stream, version) => {
        fc.pre(Buffer.from(stream).toString() === stream && Buffer.byteLength(stream) <= 128);
        expect(parseEntry(encodeEntry({ ...ENTRY, stream, version }))).toEqual({ ...ENTRY, stream, version });
      }),
    );
  });

  it('are refused when cut, padded, or in another form', () => {
    const whole = encodeEntry(ENTRY);
    for (let length = 0; length < whole.length; length++) refused(() => parseEntry(whole.subarray(0, length)));
    refused(() => parseEntry(Buffer.concat([whole, Buffer.of(0)])));
    refused(() => parseEntry(Buffer.concat([Buffer.from('8362c328', 'hex'), whole.subarray(15)])));
    refused(() => parseEntries(whole.subarray(0, -1)));
    expect(parseEntries(Buffer.concat([whole, whole]))).toEqual([ENTRY, ENTRY]);
    expect(parseEntries(Buffer.alloc(0))).toEqual([]);
  });
});

describe('tiles', () => {
  it('have the paths of tlog-tiles', () => {
    expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
    expect(tilePath({ level: 1, index: 1_234_067, width: 12 })).toBe('tile/1/x001/x234/067.p/12');
    expect(bundlePath(67, 256)).toBe('entries/067');
  });

  it('give the hash of any full subtree', () => {
    const leaves = entriesOf(1_000).map(leafHash);
    const bytesOf = (level: number, index: number, width: number) =>
      Buffer.concat(
        Array.from({ length: width }, (_, at) => {
          const span = TILE_WIDTH ** level;
          return rootOf(leaves.slice((index * TILE_WIDTH + at) * span, (index * TILE_WIDTH + at + 1) * span));
        }),
      );
    for (const [level, index] of [
      [0, 999],
      [3, 124],
      [7, 6],
      [8, 2],
      [9, 0],
    ] as const) {
      const { tile, start, end } = tileOf(level, index, 1_000);
      const hash = hashInTile(bytesOf(tile.level, tile.index, tile.width), start, end);
      expect(hash).toEqual(rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
    }
  });
});

describe('checkpoints', () => {
  const [key, other] = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  const spki = (pair: typeof key) => pair.publicKey.export({ format: 'der', type: 'spki' });
  const CHECKPOINT = { origin: 'joulekeep/log', size: 20_852_163, root: Buffer.alloc(32, 5), at: 1_700_000_000_000 };
  const noteOf = (checkpoint = CHECKPOINT, by = key, named = by) =>
    checkpointNote(
      checkpoint,
      sign('sha256', Buffer.from(checkpointText(checkpoint)), { key: by.privateKey, dsaEncoding: 'ieee-p1363' }),
      spki(named),
    );

  it('are signed notes: origin, size, root, time', () => {
    expect(checkpointText(CHECKPOINT)).toBe('joulekeep/log\n20852163\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\n1700000000000\n');
    expect(openCheckpoint(noteOf(), CHECKPOINT.origin, [spki(other), spki(key)])).toEqual(CHECKPOINT);
  });

  it('C10.1-7: no byte of one can be another', () => {
    const note = Buffer.from(noteOf());
    for (let at = 0; at < note.length; at++) {
      for (const mask of [0x01, 0x10, 0x80]) {
        const altered = Buffer.from(note);
        altered[at]! ^= mask;
        refused(() => openCheckpoint(altered.toString('latin1'), CHECKPOINT.origin, [spki(key)]));
        refused(() => openCheckpoint(altered.toString('utf8'), CHECKPOINT.origin, [spki(key)]));
      }
    }
  });

  it('C10.1-7: another key, another log, more or less text are refused', () => {
    refused(() => openCheckpoint(noteOf(CHECKPOINT, other), CHECKPOINT.origin, [spki(key)]));
    refused(() => openCheckpoint(noteOf(CHECKPOINT, other, key), CHECKPOINT.origin, [spki(key)]));
    refused(() => openCheckpoint(noteOf(), 'joulekeep/other', [spki(key)]));
    refused(() => openCheckpoint(`${noteOf()}more\n`, CHECKPOINT.origin, [spki(key)]));
    refused(() => openCheckpoint(noteOf().slice(0, -1), CHECKPOINT.origin, [spki(key)]));
    refused(() => openCheckpoint(noteOf().replace('20852163', '020852163'), CHECKPOINT.origin, [spki(key)]));
    refused(() => openCheckpoint('', CHECKPOINT.origin, [spki(key)]));
  });
});
