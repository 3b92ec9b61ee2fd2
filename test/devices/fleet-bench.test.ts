import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BenchLoad, FromBenchFleet, ToBenchFleet } from '../../devices/fleet/bench-protocol.ts';
import { readBatch } from '../../protocol/batch.ts';
import { FrameOpener, readHeader } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { decodePlaintext } from '../../protocol/plaintext.ts';
import { FleetDouble } from './fleet-double.ts';

const METERS = 1_100;
const ROUNDS = 2;
const FIRST_END = Date.UTC(2026, 0, 5, 0, 15);

let double: FleetDouble;
beforeEach(async () => {
  double = await FleetDouble.start();
});
afterEach(() => double.stop());

/** Runs the load generator through all its messages. @returns what it said, by type */
function run(messages: readonly ToBenchFleet[], until: FromBenchFleet['type']): Promise<Map<string, FromBenchFleet>> {
  const child = fork(fileURLToPath(new URL('../../devices/fleet/bench-fleet.ts', import.meta.url)), { serialization: 'advanced' });
  const said = new Map<string, FromBenchFleet>();
  child.on('message', (message: FromBenchFleet) => {
    said.set(message.type, message);
    if (message.type === until || message.type === 'failed') child.send({ type: 'stop' } satisfies ToBenchFleet);
  });
  for (const message of messages) child.send(message);
  return new Promise((resolve) => child.once('exit', () => resolve(said)));
}

async function load(): Promise<BenchLoad> {
  return {
    type: 'load',
    meterIds: Buffer.concat(Array.from({ length: METERS }, (_, i) => Buffer.from(`02000000${i.toString(16).padStart(8, '0')}`, 'hex'))),
    secrets: randomBytes(32 * METERS),
    epoch: 3,
    firstEnd: FIRST_END,
    intervalMinutes: 15,
    framesPerMeter: ROUNDS,
    concentrators: [await double.concentrator('one'), await double.concentrator('two')],
    brokerUrl: double.brokerUrl,
    brokerCa: double.brokerCa,
  };
}

describe('the load generator of the benchmarks', () => {
  it('publishes every sealed frame once, in batches of 500, and they open with the secrets given', async () => {
    const order = await load();
    const said = await run([order, { type: 'go' }], 'done');
    expect(said.get('sealed')).toMatchObject({ frames: METERS * ROUNDS });
    expect(said.get('done')).toMatchObject({ frames: METERS * ROUNDS, batches: 6 });
    const slots = new Set<string>();
    let wh = 0;
    const sequences = new Set<string>();
    const opener = new FrameOpener();
    for (const { topic, payload } of double.take()) {
      const batch = readBatch(payload);
      expect(batch.count).toBeLessThanOrEqual(500);
      sequences.add(`${topic} ${batch.sequence}`);
      for (let i = 0; i < batch.count; i++) {
        const { meterId, epoch, generation } = readHeader(payload, batch.offset[i]!);
        const meter = Number.parseInt(meterId.slice(8), 16);
        const secret = Buffer.from(order.secrets.subarray(meter * 32, meter * 32 + 32));
        const bytes = opener.open(payload, batch.offset[i]!, batch.length[i]!, generationOf(epochKeys(secret).chain0, generation));
        const plain = decodePlaintext(bytes!);
        if (plain.kind !== 'reading') throw new Error('only readings are sealed');
        expect([epoch, plain.deltas.length, (plain.end * 1_000 - FIRST_END) % 3_600_000]).toEqual([3, 4, 2_700_000]);
        slots.add(`${meterId} ${plain.end}`);
        wh += plain.deltas.reduce((sum: number, delta) => sum + delta!, 0);
      }
    }
    expect(slots.size).toBe(METERS * ROUNDS);
    expect(sequences.size).toBe(6);
    expect(said.get('sealed')).toMatchObject({ wh });
  });

  it('says what is wrong with its order', async () => {
    const said = await run([{ ...(await load()), secrets: randomBytes(31) }], 'sealed');
    expect(said.get('failed')).toMatchObject({ message: expect.stringMatching(/8 bytes of id and 32 of secret per meter/) });
  });
});
