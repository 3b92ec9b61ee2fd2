import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ReferenceMeter } from '../../devices/meter/meter.ts';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { issueManifest, nextGenerations } from '../../lambdas/shared/keys/manifest.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { signerOf } from '../../protocol/cose.ts';
import { meterThing } from '../../topology/device-access.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { ASSET, DAY, HOUR, makeScene, type Scene } from './scene.ts';

const QUARTER = HOUR / 4;

/** A reference meter behind north-1, and the whole service over it: handshake, ingest and the hourly duties. */
class Street {
  readonly scene: Scene;
  readonly meter: ReferenceMeter;
  readonly #ingest: ReturnType<typeof makeIngest>;
  readonly #maintenance: ReturnType<typeof makeMaintenance>;
  #sequence = 0;

  constructor(scene: Scene, meter: ReferenceMeter) {
    this.scene = scene;
    this.meter = meter;
    this.#ingest = makeIngest(scene.world.as('ingest'), scene.defences);
    this.#maintenance = makeMaintenance(scene.world.as('maintenance'), scene.defences);
  }

  static async make(): Promise<Street> {
    const scene = await makeScene();
    const [{ meterId, privateKey }] = scene.meters as [Scene['meters'][number]];
    const { certificates } = (await scene.world.devices.find(meterThing(meterId)))!;
    const { intervalMinutes, channels } = ASSET;
    const meter = new ReferenceMeter({
      meterId,
      asset: { intervalMinutes, channels },
      identity: { privateKey, certificate: certificates[0]!.der },
      rootPublicKey: scene.root.publicKey,
      manifest: scene.keyring.manifest,
      nvram: new MemoryNvram(),
      profile: new ProfileStore({ intervalMinutes, channels }),
      readingsPerFrame: 4,
      defences: scene.defences,
      random: randomBytes,
      slotOffsetMs: 60_000,
    });
    return new Street(scene, meter);
  }

  /** Quarter after quarter. Offline, what the meter says is lost in the air, and nothing reaches it. */
  async live(milliseconds: number, online: boolean): Promise<void> {
    const { clock } = this.scene.world;
    for (let gone = 0; gone < milliseconds; gone += QUARTER) {
      clock.advance(QUARTER);
      const now = clock.now();
      this.meter.measure(0, now, (now / QUARTER) % 97);
      if (now % HOUR === 0) await this.#maintenance({} as never, lambdaContext('maintenance'));
      clock.advance(90_000);
      await this.exchange(online);
      clock.advance(-90_000);
    }
  }

  async exchange(online: boolean): Promise<void> {
    const { scene, meter } = this;
    const said = await meter.poll(scene.now);
    if (!online) return;
    const frames = said.flatMap(({ kind, bytes }) => (kind === 'frame' ? [{ receivedAt: scene.now, bytes }] : []));
    if (frames.length > 0) {
      const batch = encodeBatch(++this.#sequence, frames).toString('base64');
      const event = sqsEvent('telemetry', [JSON.stringify({ dcId: 'north-1', brokerTime: scene.now, batch })]);
      expect(failedIds(await this.#ingest(event, lambdaContext('ingest')))).toEqual([]);
    }
    for (const { kind, bytes } of said) if (kind !== 'frame') await scene.handshake('north-1', bytes);
    await scene.deliver('service', scene.world.drain('service'));
    for (const { bytes } of scene.down('north-1')) await meter.receive(bytes, scene.now);
  }

  async accepted(): Promise<number> {
    const fold = new ReadingsFold();
    fold.beginStream();
    for (const event of this.scene.world.events.eventsOf('segment/00000')) fold.add(event);
    return fold.totals().readings;
  }

  get measured(): number {
    return [...this.meter.truth()].length;
  }
}

/** A new generation of agreement and handshake key. */
async function rotateKeys({ scene }: Street): Promise<void> {
  const agreement = nextGenerations(scene.keyring.keys, 'agreement-2', 'agreement', scene.now);
  const both = nextGenerations(agreement, 'handshake-2', 'handshake', scene.now);
  scene.keyring = await issueManifest(scene.world.as('keys'), both, 2, signerOf(scene.root.privateKey));
  scene.restart();
}

describe('a reference meter and the key ladder', () => {
  for (const days of [20, 44]) {
    it(`C10.1-6: rotation with the meter offline for ${days} days loses nothing`, async () => {
      const street = await Street.make();
      await street.live(2 * DAY, true);
      const before = await street.accepted();
      expect(before).toBeGreaterThan(180);
      await street.live((days / 2) * DAY, false);
      await rotateKeys(street);
      await street.live((days / 2) * DAY, false);
      expect(await street.accepted()).toBe(before);
      await street.live(2 * DAY, true);
      const missing = street.measured - (await street.accepted());
      expect(missing).toBeLessThanOrEqual(4);
      expect(street.scene.types(street.scene.meters[0]!)).toContain('EpochOverdue');
    });
  }

  it('C10.1-6: an epoch a week, each destroyed in time, and no reading lost', async () => {
    const street = await Street.make();
    await street.live(30 * DAY, true);
    const types = street.scene.types(street.scene.meters[0]!);
    const count = (type: string) => types.filter((other) => other === type).length;
    expect(count('EpochActivated')).toBe(5);
    expect(count('EpochDestroyed')).toBe(3);
    expect(count('EpochRefused') + count('EpochOverdue')).toBe(0);
    expect(street.measured - (await street.accepted())).toBeLessThanOrEqual(4);
    expect([...street.meter.refusals]).toEqual([]);
  });
});
