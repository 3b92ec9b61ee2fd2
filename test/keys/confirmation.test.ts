import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../events/index.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { deriveActivations } from '../../lambdas/maintenance/activations.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { makeScene, type Scene, type TestMeter } from './scene.ts';

interface Fin {
  readonly secret: Buffer;
  readonly confirmation: Buffer;
  readonly counter?: number;
}

function finFrame({ meterId }: TestMeter, { secret, confirmation, counter = 1 }: Fin): Buffer {
  const plaintext = encodePlaintext({ kind: 'fin', flags: 0, confirmation });
  return sealFrame({ meterId, epoch: 1, generation: 0, salt: 7, counter }, generationOf(epochKeys(secret).chain0, 0), plaintext);
}

async function ingest(scene: Scene, sequence: number, frame: Buffer): Promise<void> {
  const batch = encodeBatch(sequence, [{ receivedAt: scene.now, bytes: frame }]).toString('base64');
  const handler = makeIngest(scene.world.as('ingest'), scene.defences);
  const event = sqsEvent('telemetry', [JSON.stringify({ dcId: 'north-1', brokerTime: scene.now, batch })]);
  expect(failedIds(await handler(event, lambdaContext('ingest')))).toEqual([]);
}

const phase = (scene: Scene, meter: TestMeter) => (scene.types(meter).includes('EpochActivated') ? 'active' : 'pending');

async function proposed(): Promise<{ scene: Scene; meter: TestMeter; secret: Buffer; right: Buffer }> {
  const scene = await makeScene();
  const [meter] = scene.meters;
  const said = await meter!.hello(1);
  await scene.handshake('north-1', said.hello.bytes);
  const secret = meter!.secret(said, scene.down('north-1')[0]!.bytes);
  return { scene, meter: meter!, secret, right: epochKeys(secret).confirmation.subarray(0, 16) };
}

describe('key confirmation, from HELLO to the first frame', () => {
  it('C10.1-3: wrong confirmation: the epoch stays pending; the right one activates it', async () => {
    const { scene, meter, secret, right } = await proposed();
    const wrong = Buffer.from(right);
    wrong[15]! ^= 1;
    await ingest(scene, 1, finFrame(meter, { secret, confirmation: wrong }));
    expect(phase(scene, meter)).toBe('pending');
    await ingest(scene, 2, finFrame(meter, { secret, confirmation: right, counter: 2 }));
    expect(phase(scene, meter)).toBe('active');
  });

  it('C10.1-3: a frame under another secret confirms nothing', async () => {
    const { scene, meter, right } = await proposed();
    await ingest(scene, 1, finFrame(meter, { secret: randomBytes(32), confirmation: right }));
    expect(phase(scene, meter)).toBe('pending');
  });

  it('an activation that a restored meter stream has lost is derived from the segment again', async () => {
    const { scene, meter, secret, right } = await proposed();
    const { world } = scene;
    const lost = (event: DomainEvent | undefined) => event?.type === 'EpochActivated';
    world.events.beforeAppend = (stream, { events }) => {
      if (stream.startsWith('meter/') && lost(events[0])) throw new Error('lost');
    };
    await ingest(scene, 1, finFrame(meter, { secret, confirmation: right })).catch(() => undefined);
    world.events.beforeAppend = undefined;
    expect(phase(scene, meter)).toBe('pending');
    await deriveActivations(world.as('maintenance'), '00000');
    await deriveActivations(world.as('maintenance'), '00000');
    expect(scene.types(meter).filter((type) => type === 'EpochActivated')).toHaveLength(1);
  });
});
