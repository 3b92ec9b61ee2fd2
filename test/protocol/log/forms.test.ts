import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointNote, checkpointText, openCheckpoint } from '../../../protocol/log/checkpoint.ts';
import { encodeEntry, parseEntries, parseEntry, takenBackEntry, takenBackStream } from '../../../protocol/log/entry.ts';
import { GrowingRoot, rootOf } from '../../../protocol/log/growing-root.ts';
import { EMPTY_ROOT, hashesIn, leafHash } from '../../../protocol/log/hashes.ts';
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
      { numRuns: 40 },
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

describe('names of streams in the log', () => {
  const hash = Buffer.alloc(32, 7);

  it('have 1 to 137 bytes, whatever their characters take', () => {
    for (const stream of ['s', 's'.repeat(137), `${'\u00e4'.repeat(68)}s`])
      expect(parseEntry(encodeEntry({ stream, version: 0, hash })).stream).toBe(stream);
    for (const stream of ['', 's'.repeat(138), '\u00e4'.repeat(69)])
      expect(refused(() => parseEntry(encodeEntry({ stream, version: 0, hash })))).toBe('layout');
  });

  it('tell of a stream that was taken back, and from which version on', () => {
    const entry = takenBackEntry({ stream: 'segment/00000', version: 41, hash });
    expect(entry).toEqual({ stream: 'restored:segment/00000', version: 42, hash });
    expect(takenBackEntry({ stream: 'segment/00000', version: -1, hash }).version).toBe(0);
    expect([entry, { stream: 'segment/00000' }, { stream: 'a/restored:b' }].map(takenBackStream)).toEqual([
      'segment/00000',
      undefined,
      undefined,
    ]);
    const longest = takenBackEntry({ stream: 's'.repeat(128), version: 0, hash });
    expect(parseEntry(encodeEntry(longest))).toEqual(longest);
  });
});

describe('a tree that grows', () => {
  it('says how many leaves it has, and its root after each', () => {
    const leaves = entriesOf(9).map(leafHash);
    const growing = new GrowingRoot();
    expect([growing.size, growing.root()]).toEqual([0, EMPTY_ROOT]);
    for (const [at, leaf] of leaves.entries()) {
      growing.add(leaf);
      expect([growing.size, growing.root()]).toEqual([at + 1, rootOf(leaves.slice(0, at + 1))]);
    }
  });

  it('has hashes one behind the other, and what is left over is none that counts', () => {
    expect(hashesIn(Buffer.alloc(0))).toEqual([]);
    expect(hashesIn(Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(5, 3)]))).toEqual([
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
      Buffer.alloc(5, 3),
    ]);
  });
});

describe('tiles', () => {
  it('have the paths of tlog-tiles', () => {
    expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
    expect(tilePath({ level: 1, index: 1_234_067, width: 12 })).toBe('tile/1/x001/x234/067.p/12');
    expect(bundlePath(67, 256)).toBe('entries/067');
    expect([999, 1_000, 999_999, 1_000_000].map((index) => bundlePath(index, 255))).toEqual([
      'entries/999.p/255',
      'entries/x001/000.p/255',
      'entries/x999/999.p/255',
      'entries/x001/x000/000.p/255',
    ]);
  });

  it.each([
    [0, 255, 256, { level: 0, index: 0, width: 256 }, 255, 256],
    [0, 256, 257, { level: 0, index: 1, width: 1 }, 0, 1],
    [0, 10, 300, { level: 0, index: 0, width: 256 }, 10, 11],
    [7, 3, 600, { level: 0, index: 1, width: 256 }, 128, 256],
    [8, 1, 600, { level: 1, index: 0, width: 2 }, 1, 2],
    [16, 0, 65_536, { level: 2, index: 0, width: 1 }, 0, 1],
    [9, 200, 2 ** 33, { level: 1, index: 1, width: 256 }, 144, 146],
  ])('have the subtree of 2^%i leaves number %i of a log of %i', (level, index, size, tile, start, end) => {
    expect(tileOf(level, index, size)).toEqual({ tile, start, end });
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

  it('C10.1-7: has one spelling: no spare bits, no other number, nobody else at its end', () => {
    const note = noteOf();
    const [, , root, , , line] = note.split('\n') as [string, string, string, string, string, string];
    const spare = (text: string) => text.replace(/(.)=$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`);
    const others = [
      note.replace(root, spare(root)),
      note.replace(line, spare(line)),
      note.replace(root, root.replace('=', '')),
      note.replace(line, `${line}=`),
      note.replace('1700000000000', '01700000000000'),
      note.replace('1700000000000', '1.7e12'),
      note.replace('20852163', '0x13e2d83'),
      note.replace('20852163', ' 20852163'),
      note.replace('20852163', '20852163.0'),
      note.replace('\n\n', '\n'),
      note.replace('\n\n', '\nmore\n\n'),
      note.replace('\u2014 joulekeep/log', '\u2014 joulekeep/other'),
      note.replace('\u2014', '-'),
      `\n${note}`,
      note.slice(0, note.indexOf('\u2014')),
      note.replace(/ \S+\n$/, ' \n'),
    ];
    for (const other of others) {
      expect(other).not.toBe(note);
      refused(() => openCheckpoint(other, CHECKPOINT.origin, [spki(key)]));
    }
    expect(Buffer.from(spare(root), 'base64')).toEqual(CHECKPOINT.root);
    expect(Buffer.from(spare(line).split(' ')[2]!, 'base64')).toEqual(Buffer.from(line.split(' ')[2]!, 'base64'));
  });

  it('C10.1-7: a signature of another length, and sizes and times that are no counts, are refused though the key signed them', () => {
    const text = checkpointText(CHECKPOINT);
    const genuine = sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    for (const signature of [genuine.subarray(0, 63), Buffer.concat([genuine, Buffer.of(0)]), Buffer.alloc(0)])
      expect(refused(() => openCheckpoint(checkpointNote(CHECKPOINT, signature, spki(key)), CHECKPOINT.origin, [spki(key)]))).toBe(
        'signature',
      );
    for (const over of [
      { size: 2 ** 53 },
      { at: 2 ** 53 },
      { size: -1 },
      { at: 0.5 },
      { root: Buffer.alloc(31, 5) },
      { root: Buffer.alloc(33, 5) },
    ])
      expect(refused(() => openCheckpoint(noteOf({ ...CHECKPOINT, ...over }), CHECKPOINT.origin, [spki(key)]))).toBe('layout');
    for (const over of [{ size: 0 }, { at: 0 }, { size: 2 ** 53 - 1 }])
      expect(openCheckpoint(noteOf({ ...CHECKPOINT, ...over }), CHECKPOINT.origin, [spki(key)])).toEqual({ ...CHECKPOINT, ...over });
  });

  it('says inside why it was refused: another log, a key nobody trusts, a signature of somebody else', () => {
    expect(refused(() => openCheckpoint(noteOf(), 'joulekeep/other', [spki(key)]))).toBe('origin');
    expect(refused(() => openCheckpoint(noteOf(), CHECKPOINT.origin, [spki(other)]))).toBe('key');
    expect(refused(() => openCheckpoint(noteOf(), CHECKPOINT.origin, []))).toBe('key');
    expect(refused(() => openCheckpoint(noteOf(CHECKPOINT, other, key), CHECKPOINT.origin, [spki(key)]))).toBe('signature');
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
