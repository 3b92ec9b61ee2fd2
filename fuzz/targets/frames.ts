import { createSecretKey } from 'node:crypto';
import { encodeBatch, encodeParcel, readBatch, readParcel } from '../../protocol/batch.ts';
import { checkFrame, encodeHeader, FRAME_OK, FrameOpener, type GenerationKeys, readHeader, sealFrame } from '../../protocol/frame.ts';
import { decodePlaintext, encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import { Broken, type FuzzTarget, same } from '../target.ts';

const METER = '00124b00060d7a11';
const KEYS: GenerationKeys = { key: createSecretKey(Buffer.alloc(32, 7)), iv: Buffer.alloc(12, 9) };
const HEADER = { meterId: METER, epoch: 258, generation: 3, salt: 0xdead_beef, counter: 0x1_0203 };
const opener = new FrameOpener();

const reading = (slots: number): Plaintext => ({
  ...{ kind: 'reading', flags: 1, channel: 0, end: 1_700_000_100, minutes: 15, register: 123_456, head: Buffer.alloc(8, 3) },
  deltas: Array.from({ length: slots }, (_, i) => (i === 2 ? null : i * 7)),
});
const PLAINTEXTS: readonly Plaintext[] = [
  reading(1),
  reading(4),
  reading(24),
  reading(96),
  {
    ...{ kind: 'quality', flags: 0, end: 1_700_000_100, minutes: 15, voltageMin: 2_290, voltageMax: 2_350, voltageMean: 2_310 },
    ...{ frequency: 5_000, powerFactor: -980 },
  },
  { kind: 'event', flags: 2, code: 5, at: 1_700_000_100, value: 9 },
  { kind: 'fin', flags: 0, confirmation: Buffer.alloc(16, 1) },
];
const PLAIN = PLAINTEXTS.map(encodePlaintext);
const FRAMES = [PLAIN[0]!, PLAIN[4]!, PLAIN[3]!].map((plain) => sealFrame(HEADER, KEYS, plain));

/** What the frame says is what it is, and nothing but our own frames opens. */
function readFrame(input: Buffer): boolean {
  if (checkFrame(input, 0, input.length) !== FRAME_OK) return false;
  same('header', encodeHeader(readHeader(input, 0)), input.subarray(3, 30));
  const opened = opener.open(input, 0, input.length, KEYS);
  if (opened === undefined) return false;
  decodePlaintext(opened);
  if (!FRAMES.some((frame) => frame.equals(input))) throw new Broken('a frame opens that was never sealed');
  return true;
}

function readAnyBatch(input: Buffer): boolean {
  const { sequence, count, bytes, offset, length, receivedAt } = readBatch(input);
  const frames = Array.from({ length: count }, (_, i) => {
    return { receivedAt: receivedAt[i]!, bytes: bytes.subarray(offset[i], offset[i]! + length[i]!) };
  });
  return same('batch', encodeBatch(sequence, frames), input);
}

const SEALED = ['protocol/frame.ts', 'protocol/gcm.ts', 'protocol/plaintext.ts'];
const wire = { covers: ['protocol/batch.ts'], dictionary: [Buffer.of(0x83, 0x58, 0x1b), Buffer.of(0xa3, 1, 3, 4, 0x4b), 'JKB1', 'JKP1'] };

export const FRAME_TARGETS: readonly FuzzTarget[] = [
  {
    ...wire,
    ...{ name: 'frame', covers: SEALED, what: 'sealed frame of a meter', mostBytes: 400, share: 20, codes: ['ERR_FRAME_REFUSED'] },
    seeds: () => FRAMES,
    run: readFrame,
  },
  {
    ...wire,
    ...{ name: 'plaintext', covers: SEALED, what: 'what lies in a frame', mostBytes: 330, share: 20, codes: ['ERR_FRAME_REFUSED'] },
    seeds: () => PLAIN,
    run: (input) => same('plaintext', encodePlaintext(decodePlaintext(input)), input),
  },
  {
    ...wire,
    ...{ name: 'batch', what: 'batch of a concentrator', mostBytes: 4_096, share: 20, codes: ['ERR_BATCH_REFUSED'] },
    seeds: () => [
      encodeBatch(
        1,
        FRAMES.map((bytes) => ({ receivedAt: 1_700_000_000_000, bytes })),
      ),
    ],
    run: readAnyBatch,
  },
  {
    ...wire,
    ...{ name: 'parcel', what: 'parcel of messages to meters', mostBytes: 4_096, share: 10, codes: ['ERR_BATCH_REFUSED'] },
    seeds: () => [
      encodeParcel([
        { meterId: METER, bytes: PLAIN[0]! },
        { meterId: '0000000000000000', bytes: Buffer.of(1) },
      ]),
    ],
    run: (input) => same('parcel', encodeParcel(readParcel(input)), input),
  },
];
