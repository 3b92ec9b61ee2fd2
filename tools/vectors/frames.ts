import { createHash } from 'node:crypto';
import { encodeHeader, type FrameHeader, nonceOf, sealFrame } from '../../protocol/frame.ts';
import { encStructure } from '../../protocol/gcm.ts';
import { hkdfExtract } from '../../protocol/hkdf.ts';
import { agreeEpochSecret, EPOCH, epochKeys, generationKeys, LABELS, nextChain } from '../../protocol/keys.ts';
import { encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import { encodeSeal } from '../../protocol/profile.ts';
import { seed } from './deterministic.ts';
import { sealOf, sealSigner } from './profile.ts';

export const METER = '00124b00060d7a11';
const OTHER_METER = '00124b00060d7a12';
const INTERVAL_END = 1_794_700_800;

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** `ladder.json`: from two messages and two agreements to the keys of every day. */
export function ladderVectors(): object {
  const input = { helloTbs: seed('hello tbs'), acceptTbs: seed('accept tbs'), z1: seed('z1'), z2: seed('z2') };
  const transcript = Buffer.concat([u32(32), input.helloTbs, u32(32), input.acceptTbs]);
  const salt = createHash('sha256').update(transcript).digest();
  const epochSecret = agreeEpochSecret(input.helloTbs, input.acceptTbs, input.z1, input.z2);
  const { chain0, macDown, confirmation } = epochKeys(epochSecret);
  const generations = [];
  for (let generation = 0, chain = chain0; generation <= EPOCH.maxGeneration; generation++, chain = nextChain(chain)) {
    const { key, iv } = generationKeys(chain);
    generations.push({ generation, chain, key: key.export(), iv });
  }
  return {
    labels: LABELS,
    input,
    salt,
    prk: hkdfExtract(salt, Buffer.concat([input.z1, input.z2])),
    epochSecret,
    chain0,
    macDown: macDown.export(),
    confirmation,
    generations,
  };
}

async function plaintexts(): Promise<Plaintext[]> {
  const head = seed('head', 8);
  const deltas = (count: number) => Array.from({ length: count }, (_, i) => (i % 7 === 3 ? null : (i * 37) % 500));
  const reading = (count: number, flags: number) =>
    ({
      kind: 'reading',
      flags,
      channel: count % 3,
      end: INTERVAL_END,
      minutes: 15,
      register: 123_456_789,
      head,
      deltas: deltas(count),
    }) as const;
  const { bytes } = await encodeSeal(sealOf(4), sealSigner.sign);
  return [
    reading(1, 0),
    reading(4, 1),
    reading(24, 1 | 2),
    reading(96, 1 | 32),
    {
      kind: 'quality',
      flags: 0,
      end: INTERVAL_END,
      minutes: 15,
      voltageMin: 2287,
      voltageMax: 2341,
      voltageMean: 2312,
      frequency: 49_987,
      powerFactor: -973,
    },
    { kind: 'event', flags: 2, code: 5, at: INTERVAL_END - 1, value: 42 },
    { kind: 'seal', flags: 0, seal: bytes },
    { kind: 'fin', flags: 0, confirmation: seed('confirmation', 16) },
  ];
}

/** `plaintext.json`: every kind, and what is refused after opening. */
export async function plaintextVectors(): Promise<object> {
  const cases = (await plaintexts()).map((plain) => ({ fields: plain, bytes: encodePlaintext(plain) }));
  const [one, four] = cases.map(({ bytes }) => bytes) as [Buffer, Buffer];
  const change = (bytes: Buffer, at: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    return changed;
  };
  const refused = [
    { name: 'unknown kind', bytes: change(one, 0, 6) },
    { name: 'reserved flag', bytes: change(one, 1, 0x40) },
    { name: 'two deltas', bytes: change(one, 3, 2) },
    { name: '24 deltas in the smallest class', bytes: change(four, 3, 24) },
    { name: 'interval of 0 minutes', bytes: change(one, 8, 0) },
    { name: 'interval of 7 minutes', bytes: change(one, 8, 7) },
    { name: 'last byte of the padding set', bytes: change(one, 31, 1) },
    { name: 'first byte of the padding set', bytes: change(four, 31, 0x80) },
    { name: 'unknown event', bytes: change(cases[5]!.bytes, 2, 8) },
    { name: 'seal of five channels', bytes: change(cases[6]!.bytes, 71, 5) },
    { name: 'a reading in the class of an event', bytes: Buffer.concat([one], 64) },
  ];
  return { cases, refused };
}

/** `frame.json`: sealing with every step shown, and what is refused. */
export async function frameVectors(): Promise<object> {
  const chain = seed('frame chain');
  const keys = generationKeys(chain);
  const headers: FrameHeader[] = [
    { meterId: METER, epoch: 1, generation: 0, salt: 0, counter: 1 },
    { meterId: METER, epoch: 258, generation: 3, salt: 0xdeadbeef, counter: 0x01_0203_0405 },
    { meterId: OTHER_METER, epoch: 65535, generation: 13, salt: 0xffffffff, counter: 0xff_ffff_ffff },
  ];
  const cases = (await plaintexts()).map((plain, i) => sealedCase(`${plain.kind} ${i}`, headers[i % 3]!, keys, encodePlaintext(plain)));
  return { chain, key: keys.key.export(), iv: keys.iv, cases, refused: refusedFrames(cases.map(({ frame }) => frame)) };
}

function sealedCase(name: string, header: FrameHeader, keys: ReturnType<typeof generationKeys>, plaintext: Buffer) {
  const protectedHeader = encodeHeader(header);
  return {
    name,
    header,
    protectedHeader,
    nonce: nonceOf(keys.iv, header.salt, header.counter),
    aad: encStructure('Encrypt0', protectedHeader, Buffer.from('JK1 up')),
    plaintext,
    frame: sealFrame(header, keys, plaintext),
  };
}

/** `stage` is where a frame fails: at the constant bytes, at the algorithm, or at the tag. */
function refusedFrames(frames: readonly Buffer[]): object[] {
  const [small, , large, , middle] = frames as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const change = (bytes: Buffer, at: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    return changed;
  };
  const flip = (bytes: Buffer, at: number): Buffer => change(bytes, at, bytes[at]! ^ 1);
  const relabelled = Buffer.from(small);
  relabelled.write(OTHER_METER, 8, 'hex');
  return [
    { name: 'nothing', stage: 'layout', frame: Buffer.alloc(0) },
    { name: 'a lone 83', stage: 'layout', frame: Buffer.of(0x83) },
    { name: 'one byte short', stage: 'layout', frame: small.subarray(0, -1) },
    { name: 'one byte more', stage: 'layout', frame: Buffer.concat([small, Buffer.of(0)]) },
    { name: 'four labels', stage: 'layout', frame: change(small, 3, 0xa4) },
    { name: 'kid of 10 bytes', stage: 'layout', frame: change(small, 7, 0x4a) },
    { name: 'unprotected header not empty', stage: 'layout', frame: change(small, 30, 0xa1) },
    { name: 'payload head of another class', stage: 'layout', frame: change(small, 32, 0x50) },
    { name: 'epoch 0', stage: 'layout', frame: change(small, 17, 0) },
    { name: 'generation 14', stage: 'layout', frame: change(small, 18, 14) },
    { name: 'counter 0', stage: 'layout', frame: change(small, 29, 0) },
    { name: 'alg 1, A128GCM', stage: 'algorithm', frame: change(small, 5, 1) },
    { name: 'alg 0', stage: 'algorithm', frame: change(small, 5, 0) },
    { name: 'alg -7, ES256', stage: 'algorithm', frame: change(small, 5, 0x26) },
    { name: 'first bit of the ciphertext', stage: 'tag', frame: flip(small, 33) },
    { name: 'last bit of the tag', stage: 'tag', frame: flip(small, 80) },
    { name: 'boot salt', stage: 'tag', frame: flip(small, 24) },
    { name: 'counter', stage: 'tag', frame: flip(small, 28) },
    { name: 'relabelled as another meter', stage: 'tag', frame: relabelled },
    { name: 'middle class, last bit of the plaintext', stage: 'tag', frame: flip(middle, 96) },
    { name: 'large class, middle of the ciphertext', stage: 'tag', frame: flip(large, 200) },
  ];
}
