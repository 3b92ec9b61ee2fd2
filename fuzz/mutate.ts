import type { Random } from './random.ts';

/** Numbers at the edges of what bytes can say. */
const EDGES = [0, 1, 0x17, 0x18, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0xffff_ffff];

export interface Matter {
  readonly random: Random;
  readonly dictionary: readonly Buffer[];
  readonly mostBytes: number;
  /** Another input of the corpus, to be mixed in. */
  readonly other: () => Buffer;
}

type Change = (input: Buffer, matter: Matter) => Buffer;

/** One input made of another one by one to eight changes. */
export function mutated(input: Buffer, matter: Matter): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let changes = 1 << matter.random.below(4); changes > 0; changes--) bytes = matter.random.of(CHANGES)(bytes, matter);
  return bytes.length > matter.mostBytes ? bytes.subarray(0, matter.mostBytes) : bytes;
}

const flipBit: Change = (input, { random }) => {
  if (input.length > 0) input[random.below(input.length)]! ^= 1 << random.below(8);
  return input;
};

const setByte: Change = (input, { random }) => {
  if (input.length > 0) input[random.below(input.length)] = random.word() & 0xff;
  return input;
};

const nudgeByte: Change = (input, { random }) => {
  if (input.length > 0) input[random.below(input.length)]! += random.below(2) === 0 ? 1 : 255;
  return input;
};

const setEdge: Change = (input, { random }) => {
  const width = 1 << random.below(3);
  if (input.length < width) return input;
  const value = random.of(EDGES) % 2 ** (8 * width);
  input.writeUIntBE(value, random.below(input.length - width + 1), width);
  return input;
};

const cutOut: Change = (input, { random }) => {
  const [from, length] = spanOf(input, random);
  return Buffer.concat([input.subarray(0, from), input.subarray(from + length)]);
};

const cutShort: Change = (input, { random }) => input.subarray(0, random.below(input.length + 1));

const doubled: Change = (input, { random, mostBytes }) => {
  const [from, length] = spanOf(input, random);
  const part = input.subarray(from, from + length);
  const times = random.below(8) === 0 ? Math.min(64, Math.ceil(mostBytes / Math.max(1, length))) : 1;
  return Buffer.concat([input.subarray(0, from), ...Array.from({ length: times }, () => part), input.subarray(from)]);
};

const moved: Change = (input, { random }) => {
  const [from, length] = spanOf(input, random);
  if (input.length > 0) input.copy(input, random.below(input.length), from, from + length);
  return input;
};

const insertWord: Change = (input, { random, dictionary }) => {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), wordOf(random, dictionary), input.subarray(at)]);
};

const writeWord: Change = (input, { random, dictionary }) => {
  const word = wordOf(random, dictionary);
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), word, input.subarray(Math.min(input.length, at + word.length))]);
};

const spliced: Change = (input, { random, other }) => {
  const tail = other();
  return Buffer.concat([input.subarray(0, random.below(input.length + 1)), tail.subarray(random.below(tail.length + 1))]);
};

const CHANGES: readonly Change[] = [
  ...[flipBit, setByte, nudgeByte, setEdge, cutOut, cutShort, doubled, moved],
  ...[insertWord, insertWord, writeWord, writeWord, spliced],
];

function spanOf(input: Buffer, random: Random): [from: number, length: number] {
  const from = random.below(input.length + 1);
  return [from, random.below(Math.min(64, input.length - from) + 1)];
}

function wordOf(random: Random, dictionary: readonly Buffer[]): Buffer {
  return dictionary.length === 0 ? Buffer.of(random.word() & 0xff) : random.of(dictionary);
}
