import { BATCH_LIMIT, encodeBatch } from '../../protocol/batch.ts';
import { FRAME_BYTES, sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import type { BenchLoad } from './bench-protocol.ts';
import { unit } from './random.ts';

const DELTAS = 4;
const FRAME = FRAME_BYTES[0];
const NO_HEAD = Buffer.alloc(8);

/**
 * Sealed frames of many meters in one block of memory, 81 bytes each, so that the benchmark measures the service and
 * not the sealing. Keys live only while their meter's frames are sealed.
 */
export class BenchArena {
  readonly #load: BenchLoad;
  readonly #bytes: Buffer;
  readonly meters: number;
  readonly frames: number;
  /** Sum of all sealed readings. */
  wh = 0;

  constructor(load: BenchLoad) {
    this.#load = load;
    this.meters = load.meterIds.length / 8;
    if (!Number.isInteger(this.meters) || load.secrets.length !== this.meters * 32)
      throw new RangeError('8 bytes of id and 32 of secret per meter');
    this.frames = this.meters * load.framesPerMeter;
    this.#bytes = Buffer.allocUnsafeSlow(this.frames * FRAME);
    for (let meter = 0; meter < this.meters; meter++) this.#sealMeter(meter);
  }

  #sealMeter(meter: number): void {
    const { meterIds, secrets, epoch, framesPerMeter, firstEnd, intervalMinutes, firstCounter = 1, generation = 0 } = this.#load;
    const meterId = Buffer.from(meterIds.subarray(meter * 8, meter * 8 + 8)).toString('hex');
    const chain0 = epochKeys(Buffer.from(secrets.subarray(meter * 32, meter * 32 + 32))).chain0;
    const keys = generationOf(chain0, generation);
    let register = 1_000_000;
    for (let round = 0; round < framesPerMeter; round++) {
      const deltas = Array.from({ length: DELTAS }, (_, i) => 40 + Math.floor(200 * unit(meter, round, i)));
      const sum = deltas.reduce((total, wh) => total + wh, 0);
      register += sum;
      this.wh += sum;
      const end = firstEnd / 1_000 + (round * DELTAS + DELTAS - 1) * intervalMinutes * 60;
      const plaintext = encodePlaintext({
        kind: 'reading',
        flags: 0,
        channel: 0,
        end,
        minutes: intervalMinutes,
        register,
        head: NO_HEAD,
        deltas,
      });
      const header = { meterId, epoch, generation, salt: 0, counter: firstCounter + round };
      this.#bytes.set(sealFrame(header, keys, plaintext), (round * this.meters + meter) * FRAME);
    }
  }

  /** Batches of 500 of one concentrator, oldest readings first. @param concentrator index */
  *batches(concentrator: number): Generator<{ frames: number; bytes: Buffer }> {
    const { concentrators, framesPerMeter, receivedAt = Date.now(), firstSequence = 1 } = this.#load;
    let sequence = firstSequence;
    let open: { receivedAt: number; bytes: Buffer }[] = [];
    for (let round = 0; round < framesPerMeter; round++) {
      for (let meter = concentrator; meter < this.meters; meter += concentrators.length) {
        const at = (round * this.meters + meter) * FRAME;
        open.push({ receivedAt, bytes: this.#bytes.subarray(at, at + FRAME) });
        if (open.length < BATCH_LIMIT.frames) continue;
        yield { frames: open.length, bytes: encodeBatch(sequence++, open) };
        open = [];
      }
    }
    if (open.length > 0) yield { frames: open.length, bytes: encodeBatch(sequence, open) };
  }
}
