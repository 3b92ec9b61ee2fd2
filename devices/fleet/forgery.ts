import { COUNTER_OFFSET, EPOCH_OFFSET, GENERATION_OFFSET, KID_OFFSET, PARTIAL_IV_OFFSET, PREFIX_BYTES } from '../../protocol/frame.ts';
import type { SeededRandom } from './random.ts';

/**
 * A frame in valid layout with nothing true behind it: the constant bytes of a real one, the rest made up.
 * @param meterId whom it claims to come from
 */
export function forgedFrame(sample: Buffer, meterId: string, random: SeededRandom): Buffer {
  const forged = Buffer.from(sample);
  forged.write(meterId, KID_OFFSET, 'hex');
  if (random.chance(0.3)) forged.writeUInt16BE(1 + random.integer(40), EPOCH_OFFSET);
  if (random.chance(0.3)) forged[GENERATION_OFFSET] = random.integer(14);
  forged.writeUInt32BE(random.integer(0x1_0000_0000), PARTIAL_IV_OFFSET);
  forged.writeUIntBE(1 + random.integer(100_000), COUNTER_OFFSET, 5);
  const sealed = PREFIX_BYTES + (forged[PREFIX_BYTES] === 0x58 ? 2 : 3);
  forged.set(random.bytes(forged.length - sealed), sealed);
  return forged;
}

/** A copy with one bit turned over, anywhere. */
export function flippedCopy(bytes: Buffer, random: SeededRandom): Buffer {
  const flipped = Buffer.from(bytes);
  const bit = random.integer(bytes.length * 8);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}
