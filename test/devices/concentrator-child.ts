import { openSync, readFileSync, readSync } from 'node:fs';
import { Concentrator } from '../../devices/concentrator/concentrator.ts';
import { DiskSpool } from '../../devices/concentrator/disk-spool.ts';
import { METER_ID } from '../support/meter-rig.ts';

/*
 * A concentrator in a process of its own, so that it can be killed, and its memory looked through without the
 * meter's and the MDMS's in it.
 */
export type ToChild =
  | { readonly type: 'start'; readonly path: string; readonly now: number }
  | { readonly type: 'accept'; readonly frames: readonly Buffer[] }
  /** The line is down: batches close and stay. */
  | { readonly type: 'flush' }
  /** Which of these are somewhere in this process's memory? */
  | { readonly type: 'search'; readonly needles: readonly Needle[] };

export interface Needle {
  readonly head: Buffer;
  readonly invertedTail: Buffer;
}

let concentrator: Concentrator | undefined;

async function act(message: ToChild): Promise<unknown> {
  if (message.type === 'start') {
    const link = { publish: () => Promise.reject(new Error('line down')), onDown: () => {} };
    concentrator = new Concentrator({ dcId: 'child', spool: new DiskSpool(message.path), link, now: () => message.now });
  } else if (message.type === 'accept') {
    for (const bytes of message.frames) concentrator?.accept({ kind: 'frame', bytes: Buffer.from(bytes) }, METER_ID);
  } else if (message.type === 'flush') {
    return (await concentrator?.flush())?.failed;
  } else {
    return search(message.needles.map(({ head, invertedTail }) => ({ head: Buffer.from(head), invertedTail })));
  }
  return undefined;
}

/** Looks through every writable page. The second half of a needle comes inverted: asking leaves no trace that could be found. */
function search(needles: readonly Needle[]): boolean[] {
  const found = needles.map(() => false);
  const memory = openSync('/proc/self/mem', 'r');
  const chunk = Buffer.alloc(4 << 20);
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const region = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
    if (region === null) continue;
    const end = BigInt(`0x${region[2]}`);
    for (let at = BigInt(`0x${region[1]}`); at < end; at += BigInt(chunk.length - 512)) {
      const bytes = readChunk(memory, chunk, Number(end - at), at);
      if (bytes === undefined) break;
      needles.forEach((needle, i) => {
        found[i] ||= holds(bytes, needle);
      });
    }
  }
  return found;
}

function holds(bytes: Buffer, { head, invertedTail }: Needle): boolean {
  for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 1)) {
    const behind = bytes.subarray(at + head.length, at + head.length + invertedTail.length);
    if (behind.length === invertedTail.length && behind.every((byte, i) => byte === (invertedTail[i]! ^ 0xff))) return true;
  }
  return false;
}

function readChunk(memory: number, chunk: Buffer, left: number, at: bigint): Buffer | undefined {
  try {
    return chunk.subarray(0, readSync(memory, chunk, 0, Math.min(chunk.length, left), at));
  } catch {
    return undefined;
  }
}

process.on('message', (message: ToChild) => {
  void act(message).then((answer) => process.send?.({ answer }));
});
