import { describe, expect, it } from 'vitest';
import { meter as decider } from '../../domain/enrolment/meter.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { afterRestore, awaitingNewEpoch } from '../../lambdas/maintenance/restore.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { restoreFence } from '../../lambdas/shared/restore-fence.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import { openDownlink } from '../../protocol/downlink.ts';
import { FrameOpener, sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { lambdaContext } from '../support/sqs.ts';
import { DAY, HOUR, makeScene, type Scene, withEpoch } from './scene.ts';

/** The hourly duties, run as the schedule does, for so long. */
async function pass(scene: Scene, milliseconds: number): Promise<void> {
  const maintenance = makeMaintenance(scene.world.as('maintenance'), scene.defences);
  for (let gone = 0; gone < milliseconds; gone += HOUR) {
    scene.world.clock.advance(HOUR);
    await maintenance({} as never, lambdaContext('maintenance'));
  }
}

const epochRows = (scene: Scene) => [...scene.world.keys.rows.keys()].filter((id) => id.startsWith('epoch/'));

/** A frame of the epoch's first day, as a concentrator could have kept it. */
function keptFrame(meterId: string, secret: Buffer): Buffer {
  const plaintext = encodePlaintext({ kind: 'fin', flags: 0, confirmation: epochKeys(secret).confirmation.subarray(0, 16) });
  return sealFrame({ meterId, epoch: 1, generation: 0, salt: 7, counter: 1 }, generationOf(epochKeys(secret).chain0, 0), plaintext);
}

describe('the duties of the clock', () => {
  it('C10.1-6: no frame opens 14 days after activation, with all that is stored in hand', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const secret = await withEpoch(scene, meter!);
    const frame = keptFrame(meter!.meterId, secret);
    const opens = async () => {
      const kept = await new EpochVault(scene.world.as('ingest')).secret(meter!.meterId, 1);
      return kept !== undefined && new FrameOpener().open(frame, 0, frame.length, generationOf(epochKeys(kept).chain0, 0)) !== undefined;
    };
    await pass(scene, 13 * DAY);
    expect(await opens()).toBe(true);
    await pass(scene, DAY);
    expect(await opens()).toBe(false);
    expect(epochRows(scene)).toEqual([]);
    expect(scene.types(meter!)).toContain('EpochDestroyed');
    expect(scene.world.events.eventsOf('segment/00000')).toContainEqual(
      expect.objectContaining({ type: 'MemberAmended', data: expect.objectContaining({ epochsDestroyed: [1] }) }),
    );
  });

  it('C10.1-6: a proposal nobody confirmed goes as well', async () => {
    const scene = await makeScene();
    await scene.handshake('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
    await pass(scene, 14 * DAY);
    expect(epochRows(scene)).toEqual([]);
    expect(scene.types(scene.meters[0]!)).toContain('EpochDestroyed');
  });

  it('C10.1-6: an overdue epoch is alarmed once, and the meter asked for a new one', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const secret = await withEpoch(scene, meter!);
    await pass(scene, 8 * DAY + HOUR);
    expect(scene.types(meter!).filter((type) => type === 'EpochOverdue')).toHaveLength(1);
    expect(scene.world.logged).toContainEqual(expect.objectContaining({ level: 'warn', fields: { code: 'EPOCH_OVERDUE', count: 1 } }));
    const requests = scene.world.drain('service');
    expect(requests).toHaveLength(1);
    await scene.deliver('service', requests);
    const [item] = scene.down('north-1');
    expect(openDownlink(item!.bytes, () => epochKeys(secret).macDown)).toMatchObject({ type: 'epoch-request', epoch: 1 });
    await pass(scene, 2 * DAY);
    expect(scene.world.drain('service')).toEqual([]);
  });

  it('an epoch request that comes too late is not sent', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await withEpoch(scene, meter!);
    await pass(scene, 8 * DAY + HOUR);
    await withEpoch(scene, meter!, 2);
    await scene.deliver('service', scene.world.drain('service'));
    expect(scene.allDown()).toEqual([]);
  });

  it('C10.1-6: a quarter of weekly epochs leaves two secrets and no alarm', async () => {
    const scene = await makeScene({ meters: 2 });
    const [punctual, silent] = scene.meters;
    await withEpoch(scene, silent!);
    for (let week = 0; week < 12; week++) {
      await withEpoch(scene, punctual!, week + 1);
      await pass(scene, 7 * DAY);
      expect(epochRows(scene).filter((id) => id.includes(punctual!.meterId)).length).toBeLessThanOrEqual(2);
    }
    expect(scene.types(punctual!)).not.toContain('EpochOverdue');
    expect(scene.types(punctual!).filter((type) => type === 'EpochDestroyed').length).toBeGreaterThanOrEqual(10);
    expect(scene.types(silent!).filter((type) => type === 'EpochOverdue')).toHaveLength(1);
  });

  it('C10.1-6: meters offline for 20 and 44 days get their next epoch at once', async () => {
    for (const days of [20, 44]) {
      const scene = await makeScene();
      const [meter] = scene.meters;
      await withEpoch(scene, meter!);
      await pass(scene, days * DAY);
      expect(epochRows(scene)).toEqual([]);
      scene.restart();
      const secret = await withEpoch(scene, meter!, 2);
      expect(await new EpochVault(scene.world.as('ingest')).secret(meter!.meterId, 2)).toEqual(secret);
    }
  });

  it('a run that broke off is made up for', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await withEpoch(scene, meter!);
    await pass(scene, 13 * DAY);
    scene.world.events.beforeAppend = () => {
      throw new Error('power cut');
    };
    await expect(pass(scene, DAY)).rejects.toThrow('power cut');
    scene.world.events.beforeAppend = undefined;
    await pass(scene, DAY);
    expect(scene.types(meter!).filter((type) => type === 'EpochDestroyed')).toHaveLength(1);
    expect(epochRows(scene)).toEqual([]);
  });

  it('an old shard key goes, and with it whatever was forgotten', async () => {
    const scene = await makeScene();
    const vault = new EpochVault(scene.world.as('keys'));
    await vault.store('00124b00000000ee', 1, Buffer.alloc(32, 7));
    await pass(scene, 61 * DAY);
    await expect(vault.secret('00124b00000000ee', 1)).rejects.toMatchObject({ code: 'ERR_KEY_ROW_MISSING' });
  });
});

describe('after a restore from a backup', () => {
  it('T8-P1: nothing but the handshake goes to a meter before it has a new epoch', async () => {
    const scene = await makeScene({ meters: 2 });
    const [meter, other] = scene.meters;
    await withEpoch(scene, meter!);
    await withEpoch(scene, other!);
    scene.world.clock.advance(HOUR);
    expect(await afterRestore(scene.world.as('maintenance'))).toBe(2);
    expect(await restoreFence(scene.world.directory)).toBe(scene.now);
    scene.restart();
    scene.world.clock.advance(HOUR);
    await scene.handshake('north-1', (await meter!.renewal()).bytes);
    await scene.deliver('service', [JSON.stringify({ request: 'epoch-request', meterId: meter!.meterId, epoch: 1 })]);
    expect(scene.allDown()).toEqual([]);
    expect(await awaitingNewEpoch(scene.world.as('maintenance'))).toEqual([meter!.meterId, other!.meterId]);
    await withEpoch(scene, meter!, 2);
    expect(await awaitingNewEpoch(scene.world.as('maintenance'))).toEqual([other!.meterId]);
    await scene.deliver('service', [JSON.stringify({ request: 'epoch-request', meterId: meter!.meterId, epoch: 2 })]);
    expect(scene.allDown()).toHaveLength(1);
  });

  it('C10.1-6: keys whose proposal the backup has forgotten are destroyed in time', async () => {
    const scene = await makeScene();
    const { meterId } = scene.meters[0]!;
    await new EpochVault(scene.world.as('keys')).store(meterId, 3, Buffer.alloc(32, 7));
    await afterRestore(scene.world.as('maintenance'));
    await pass(scene, 14 * DAY);
    expect(epochRows(scene)).toEqual([]);
    const { state } = await foldStream(scene.world.events, `meter/${meterId}`, decider);
    expect(state).toMatchObject({ ladder: { highest: 0, live: [] } });
  });

  it('C10.1-6: such keys of a meter that has an epoch are destroyed in time too, not at the next duty of the epoch', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await new EpochVault(scene.world.as('keys')).store(meter!.meterId, 3, Buffer.alloc(32, 7));
    const [forgotten] = epochRows(scene);
    await pass(scene, 5 * DAY);
    await withEpoch(scene, meter!);
    await afterRestore(scene.world.as('maintenance'));
    await pass(scene, 8 * DAY);
    expect(epochRows(scene)).toContain(forgotten);
    await pass(scene, DAY);
    // The epoch stays until five days later, so nothing else calls for a look at the meter on the day that the others end.
    expect(epochRows(scene)).toEqual([`epoch/${meter!.meterId}/00001`]);
  });
});
