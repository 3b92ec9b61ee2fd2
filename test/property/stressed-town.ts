import { ReferenceMeter } from '../../devices/meter/meter.ts';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import { ProfileStore } from '../../devices/meter/profile-store.ts';
import { ReadingsFold } from '../../domain/telemetry/readings.ts';
import type { DomainEvent } from '../../events/index.ts';
import { amendMeter } from '../../lambdas/enrol/standing.ts';
import { makeIngest } from '../../lambdas/ingest/handler.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { moveMeter } from '../../lambdas/maintenance/move-meter.ts';
import { afterRestore } from '../../lambdas/maintenance/restore.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { encodeBatch, readParcel } from '../../protocol/batch.ts';
import { meterThing } from '../../topology/device-access.ts';
import { ASSET, HOUR, makeScene, RELAYS, type Scene } from '../keys/scene.ts';
import { seeded } from '../support/meter-rig.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { Dice, Life, mortal } from './mortal.ts';
import { acceptedTwice, SentBatches } from './sent-batches.ts';

const QUARTER = HOUR / 4;
const WORKERS = 3;
const SEGMENTS = ['00000', '00001', '00002'] as const;

interface Worker {
  readonly life: Life;
  readonly handler: ReturnType<typeof makeIngest>;
}

interface House {
  readonly meterId: string;
  readonly nvram: MemoryNvram;
  readonly meter: ReferenceMeter;
}

/** What goes wrong while the queues are worked off. */
export interface Trouble {
  /** A worker dies at its n-th moment. */
  readonly kill?: { readonly worker: number; readonly moments: number };
  readonly move?: { readonly house: number; readonly to: number; readonly moments?: number };
  /** The keys function dies at its n-th moment. */
  readonly killKeys?: number;
}

/**
 * Reference meters, two concentrators that lose, hold and repeat, three ingest workers with memories of their own, the keys
 * function and the duties, over one world in memory. All chance comes from one seed.
 */
export class StressedTown {
  readonly scene: Scene;
  readonly houses: House[] = [];
  readonly dice: Dice;
  restores = 0;
  readonly #workers: Worker[] = [];
  readonly #sent = new SentBatches();
  #queue: string[] = [];
  #handshakes: string[] = [];
  readonly #spools = new Map<string, { receivedAt: number; bytes: Buffer }[]>(RELAYS.map((dcId) => [dcId, []]));
  #held: { dcId: string; bytes: Buffer; frames: number }[] = [];
  #sequence = 0;
  #inbox: { meterId: string; bytes: Buffer }[] = [];
  #backup: { restore: () => void; takenAt: number } | undefined;

  private constructor(scene: Scene, seed: number) {
    this.scene = scene;
    this.dice = new Dice(seed);
  }

  static async make(houses: number, seed: number): Promise<StressedTown> {
    const scene = await makeScene({ meters: houses });
    const town = new StressedTown(scene, seed);
    const segments = new Segments(scene.world.as('enrol'));
    for (const [index, { meterId, privateKey }] of scene.meters.entries()) {
      await amendMeter(scene.world.as('enrol'), segments, meterId, { type: 'AssignRelay', dcId: RELAYS[1], from: scene.now });
      const { certificates } = (await scene.world.devices.find(meterThing(meterId)))!;
      const { intervalMinutes, channels } = ASSET;
      const nvram = new MemoryNvram();
      const meter = new ReferenceMeter({
        meterId,
        asset: { intervalMinutes, channels },
        identity: { privateKey, certificate: certificates[0]!.der },
        rootPublicKey: scene.root.publicKey,
        manifest: scene.keyring.manifest,
        nvram,
        profile: new ProfileStore({ intervalMinutes, channels }),
        readingsPerFrame: 4,
        defences: scene.defences,
        random: seeded(seed + index),
        slotOffsetMs: 60_000,
      });
      town.houses.push({ meterId, nvram, meter });
    }
    for (let i = 0; i < WORKERS; i++) town.#workers.push(town.#worker());
    return town;
  }

  get now(): number {
    return this.scene.now;
  }

  /** Hours pass: meters measure and speak over whichever concentrators hear them. @param trouble percent of frames and messages lost */
  async hours(count: number, trouble: number): Promise<void> {
    for (let hour = 0; hour < count; hour++) {
      const end = (Math.floor(this.now / HOUR) + 1) * HOUR;
      this.scene.world.clock.set(end + 2 * 60_000);
      for (const house of this.houses) {
        for (let slot = end - HOUR + QUARTER; slot <= end; slot += QUARTER) house.meter.measure(0, slot, valueAt(house, slot));
        await this.#speak(house, trouble);
      }
    }
  }

  /** Concentrators close what they have into batches. @param hold percent of batches kept back @param repeat percent sent twice */
  flush(hold: number, repeat: number): void {
    for (const [dcId, frames] of this.#spools) {
      if (frames.length === 0) continue;
      this.#held.push({ dcId, bytes: encodeBatch(++this.#sequence, frames), frames: frames.length });
      this.#spools.set(dcId, []);
    }
    const waiting = this.dice.shuffled(this.#held.splice(0));
    for (const batch of waiting) {
      if (this.dice.chance(hold)) this.#held.push(batch);
      else {
        this.#publish(batch);
        if (this.dice.chance(repeat)) this.#held.push(batch);
      }
    }
  }

  /** Everything in the queues is delivered, to several workers at once, in any order. @param again percent delivered twice */
  async work(trouble: Trouble, again: number): Promise<void> {
    const { kill, move, killKeys } = trouble;
    if (kill !== undefined) this.#workers[kill.worker % WORKERS]!.life.doom(kill.moments);
    const shares = Array.from({ length: WORKERS }, (): string[] => []);
    for (const body of this.dice.shuffled(this.#queue.splice(0))) {
      shares[this.dice.roll(WORKERS)]!.push(body);
      if (this.dice.chance(again)) shares[this.dice.roll(WORKERS)]!.push(body);
    }
    const jobs: Promise<void>[] = shares.map((bodies, i) => this.#invoke(i, bodies, again));
    jobs.push(this.#keys(new Life(this.dice, killKeys)));
    if (move !== undefined) jobs.push(this.#move(move));
    await Promise.all(jobs);
    this.#inbox.push(...this.dice.shuffled(this.scene.world.published.splice(0)).flatMap(({ payload }) => readParcel(payload)));
  }

  /** What came down is handed to meters, in any order. @param trouble percent lost; as many come twice */
  async hear(trouble: number): Promise<void> {
    for (const { meterId, bytes } of this.dice.shuffled(this.#inbox.splice(0))) {
      const house = this.houses.find((other) => other.meterId === meterId)!;
      if (this.dice.chance(trouble)) continue;
      await house.meter.receive(bytes, this.now);
      if (this.dice.chance(trouble)) await house.meter.receive(bytes, this.now);
    }
  }

  reboot(house: number, withNvram: boolean): void {
    const { meter, nvram } = this.houses[house % this.houses.length]!;
    if (!withNvram) nvram.write(Buffer.from('a record torn by the power cut'));
    meter.reboot();
  }

  async duties(): Promise<void> {
    const handler = makeMaintenance(this.scene.world.as('maintenance'), this.scene.defences);
    await handler({} as never, lambdaContext('maintenance'));
  }

  backup(): void {
    this.#backup = { restore: this.scene.world.events.backup(), takenAt: this.#sent.tick() };
  }

  /** Everybody stops, the store goes back to the backup, and the service starts again. */
  async restore(): Promise<void> {
    const { restore, takenAt } = this.#backup ?? {};
    if (restore === undefined || takenAt === undefined) return;
    restore();
    for (let i = 0; i < WORKERS; i++) this.#workers[i] = this.#worker();
    this.#sent.restored(takenAt);
    this.restores++;
    await afterRestore(this.scene.world.as('maintenance'));
  }

  get queued(): number {
    return this.#queue.length + this.#handshakes.length + this.#held.length;
  }

  /** Readings as the streams say, slot by slot. */
  async stored(): Promise<Map<string, number>> {
    const fold = new ReadingsFold();
    const { events } = this.scene.world;
    for await (const stream of events.streams('segment/')) {
      fold.beginStream(stream.slice('segment/'.length));
      for (const event of events.eventsOf(stream)) fold.add(event);
    }
    return new Map([...fold.sorted()].map(({ meterId, end, energyWh }) => [`${meterId} ${end * 1000}`, energyWh]));
  }

  /** What the meters measured up to `until`, slot by slot. */
  measured(until = Number.POSITIVE_INFINITY): Map<string, number> {
    const slots = new Map<string, number>();
    for (const { meterId, meter } of this.houses) {
      for (const { end, value } of meter.truth()) if (end <= until) slots.set(`${meterId} ${end}`, value);
    }
    return slots;
  }

  /** Distinct batches whose frames are not counted exactly once, and frames that were accepted twice. */
  async miscounted(): Promise<string[]> {
    const { events } = this.scene.world;
    const recorded: DomainEvent[] = [];
    for await (const stream of events.streams('')) recorded.push(...events.eventsOf(stream));
    return [...this.#sent.miscounted(recorded), ...acceptedTwice(recorded)];
  }

  #publish({ dcId, bytes, frames }: { dcId: string; bytes: Buffer; frames: number }): void {
    const body = JSON.stringify({ dcId, brokerTime: this.now, batch: bytes.toString('base64') });
    this.#sent.publish(bytes, frames);
    this.#queue.push(body);
  }

  async #speak({ meter }: House, trouble: number): Promise<void> {
    for (const { kind, bytes } of await meter.poll(this.now)) {
      for (const dcId of RELAYS) {
        if (this.dice.chance(trouble) || (dcId === RELAYS[1] && this.dice.chance(50))) continue;
        if (kind === 'frame') this.#spools.get(dcId)!.push({ receivedAt: this.now, bytes });
        else this.#handshakes.push(this.scene.body(dcId, bytes));
      }
    }
  }

  async #invoke(index: number, bodies: readonly string[], again: number): Promise<void> {
    for (let from = 0; from < bodies.length; from += 10) {
      const chunk = bodies.slice(from, from + 10);
      const worker = this.#workers[index]!;
      const response = await worker.handler(sqsEvent('telemetry', chunk), lambdaContext('ingest')).catch(() => undefined);
      const failed = new Set(failedIds(response).map((id) => Number(id.slice('message-'.length))));
      for (const [i, body] of chunk.entries()) {
        const done = !worker.life.dead && response !== undefined && !failed.has(i);
        if (done) this.#sent.done(batchIn(body));
        if (!done || this.dice.chance(again / 4)) this.#queue.push(body);
      }
      if (worker.life.dead) this.#workers[index] = this.#worker();
    }
  }

  async #keys(life: Life): Promise<void> {
    const world = this.scene.world;
    const handler = makeKeys(mortal(world.as('keys'), life), this.scene.defences);
    for (const [queue, bodies] of [['handshake', this.#handshakes.splice(0)] as const, ['service', world.drain('service')] as const]) {
      for (let from = 0; from < bodies.length; from += 10) {
        const chunk = bodies.slice(from, from + 10);
        const response = await handler(sqsEvent(queue, chunk), lambdaContext('keys')).catch(() => undefined);
        const failed = new Set(failedIds(response || undefined));
        const back = life.dead || response === undefined ? chunk : chunk.filter((_, i) => failed.has(`message-${i}`));
        if (queue === 'handshake') this.#handshakes.push(...back);
        else for (const body of back) await world.as('keys').queues.send('service', body);
      }
    }
  }

  async #move({ house, to, moments }: NonNullable<Trouble['move']>): Promise<void> {
    const life = new Life(this.dice, moments);
    const { meterId } = this.houses[house % this.houses.length]!;
    const platform = mortal(this.scene.world.as('maintenance'), life);
    await moveMeter(platform, meterId, SEGMENTS[to % SEGMENTS.length]!).catch((error: unknown) => {
      if (!life.dead) throw error;
    });
  }

  #worker(): Worker {
    const life = new Life(this.dice);
    return { life, handler: makeIngest(mortal(this.scene.world.as('ingest'), life), this.scene.defences) };
  }
}

function batchIn(body: string): Buffer {
  return Buffer.from((JSON.parse(body) as { batch: string }).batch, 'base64');
}

function valueAt({ meterId }: House, slot: number): number {
  return (slot / QUARTER + Number.parseInt(meterId.slice(-2), 16) * 7) % 251;
}
