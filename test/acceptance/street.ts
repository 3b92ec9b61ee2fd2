import { createHash, createPublicKey } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { MemorySpool, type Spool } from '../../devices/concentrator/spool.ts';
import { Identities } from '../../devices/fleet/identities.ts';
import { type Member, switchOn } from '../../devices/fleet/member.ts';
import type { Commissioned, Stock } from '../../devices/fleet/protocol.ts';
import { Published } from '../../devices/fleet/published.ts';
import { Seat } from '../../devices/fleet/seat.ts';
import { meterIdOf, type TownHome } from '../../devices/fleet/town.ts';
import { TruthLedger, truthLine } from '../../devices/fleet/truth.ts';
import { MemoryNvram } from '../../devices/meter/nvram.ts';
import type { MeterOutput } from '../../devices/meter/output.ts';
import { EpochVault } from '../../lambdas/shared/epoch-vault.ts';
import { encodeBatch, readParcel, TO_CONCENTRATOR } from '../../protocol/batch.ts';
import { sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';
import { concentratorThing, meterThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ServiceUnderTest, type ServiceUnderTestOptions } from './service-under-test.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A Monday, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 0, 5);

/** What a concentrator in bad hands does with what passes through it; nothing given = passed on. */
export interface Tampering {
  up?(output: MeterOutput, meterId: string, now: number): readonly MeterOutput[];
  down?(meterId: string, bytes: Buffer, now: number): readonly { meterId: string; bytes: Buffer }[];
}

export interface StreetOptions extends Partial<ServiceUnderTestOptions> {
  readonly meters: number;
  readonly dcIds?: readonly string[];
  /** Default: one each, in turn. */
  readonly relaysOf?: (index: number) => readonly string[];
  readonly intervalMinutes?: 5 | 15 | 30;
  /** Wh of the interval that ends at `end`. */
  readonly value?: (index: number, end: number) => number;
  readonly spool?: (dcId: string) => Spool;
  /** Where concentrators connect instead of to the broker. */
  readonly via?: (service: ServiceUnderTest) => Promise<string>;
}

/** A few reference meters and concentrators in this process, and the whole service, with real MQTT between them. */
export class Street {
  service: ServiceUnderTest;
  readonly members: Member[] = [];
  readonly #byId = new Map<string, Member>();
  readonly seats = new Map<string, Seat>();
  readonly published = new Published();
  readonly ledger: TruthLedger;
  readonly tampering = new Map<string, Tampering>();
  /** Meters nobody hears and that hear nobody. */
  readonly offline = new Set<string>();
  /** What passed the broker, both ways. */
  readonly wire: { topic: string; payload: Buffer; at: number }[] = [];
  keepWire = false;
  now: number;
  measuredTo: number;
  readonly meterKeys: Identities;
  readonly #seatKeys: Identities;
  readonly #options: StreetOptions;
  readonly #homes: readonly TownHome[];
  readonly #inbox: { meterId: string; bytes: Buffer }[] = [];
  #foreign = 2 ** 31;
  #down = { published: 0, received: 0 };
  #commissioned!: Commissioned;

  private constructor(service: ServiceUnderTest, options: StreetOptions) {
    this.service = service;
    this.#options = options;
    const start = options.start ?? MONDAY;
    this.now = start;
    this.measuredTo = start;
    this.ledger = new TruthLedger(start, this.minutes);
    this.#homes = Array.from({ length: options.meters }, (_, index) => this.#home(index));
    this.meterKeys = new Identities(
      this.#homes.map(({ meterId }) => meterId),
      undefined,
    );
    this.#seatKeys = new Identities(this.dcIds, undefined);
    for (const dcId of this.dcIds) this.seats.set(dcId, this.#seat(dcId));
    this.#listen();
  }

  static async open(options: StreetOptions): Promise<Street> {
    const { start = MONDAY } = options;
    const street = new Street(await ServiceUnderTest.boot({ ...options, start }), options);
    await street.#commission();
    return street;
  }

  get dcIds(): readonly string[] {
    return this.#options.dcIds ?? ['dc-1', 'dc-2'];
  }

  get minutes(): 5 | 15 | 30 {
    return this.#options.intervalMinutes ?? 15;
  }

  /** Virtual ms between frames of a meter: four intervals each. */
  get period(): number {
    return 4 * this.minutes * MINUTE;
  }

  member(index: number): Member {
    return this.members[index]!;
  }

  /** Measures and sends, period by period, until `to` and three minutes. @param every ms, whole periods */
  async live(to: number, every = this.period): Promise<void> {
    for (let end = this.measuredTo + every; end <= to; end += every) {
      this.#measure(end);
      await this.round(end + 3 * MINUTE);
    }
  }

  /** Nothing more is measured; goes on until everything is acknowledged, or `hours` are over. @returns slots left */
  async quiesce(hours = 120): Promise<number> {
    const open = () => this.members.reduce((sum, { meter }) => sum + meter.status.unacknowledged, 0);
    for (let hour = 0; hour < hours && open() > 0; hour += 6) await this.round(this.now + 6 * HOUR);
    return open();
  }

  /** One round at `now`: meters send what is due, concentrators relay, the service works it off, meters hear its answers. */
  async round(now: number): Promise<void> {
    this.now = now;
    this.service.clock.step(now);
    await this.say();
    await this.flush();
    await this.service.settle();
    await this.hear();
  }

  /** Meters' turn to send. */
  async say(): Promise<void> {
    for (const { home, meter } of this.members) {
      for (const output of await meter.poll(this.now)) {
        if (!this.offline.has(home.meterId)) for (const dcId of home.relays) this.#up(dcId, output, home.meterId);
      }
    }
  }

  async flush(): Promise<void> {
    await Promise.all([...this.seats.values()].map((seat) => seat.relay.flush()));
  }

  /** Waits for everything the broker has sent down, and hands it to the meters. */
  async hear(): Promise<void> {
    for (let waited = 0; this.#down.received < this.#down.published && waited < 2_000; waited++) await setTimeout(1);
    for (const { meterId, bytes } of this.#inbox.splice(0)) {
      if (!this.offline.has(meterId)) await this.#byId.get(meterId)?.meter.receive(bytes, this.now);
    }
  }

  /** Sends frames as a batch of a concentrator, beside its spool. */
  async inject(dcId: string, frames: readonly Buffer[]): Promise<void> {
    const batch = encodeBatch(
      this.#foreign++,
      frames.map((bytes) => ({ receivedAt: this.now, bytes })),
    );
    await this.seats.get(dcId)!.link.publish(upTopic(TOPIC_RULES.telemetry, concentratorThing(dcId)), batch);
  }
  /** A frame as the meter itself would seal it, by the secret the service keeps. */
  async sealAs(meterId: string, plain: Plaintext, counter: number, epoch = 1): Promise<Buffer> {
    const secret = await new EpochVault(this.service.platform.as('keys')).secret(meterId, epoch);
    const keys = generationOf(epochKeys(secret!).chain0, 0);
    return sealFrame({ meterId, epoch, generation: 0, salt: 9, counter }, keys, encodePlaintext(plain));
  }

  /** `meterId,channel,end,Wh` of everything stored, and of everything measured, as one hash each. */
  async digests(): Promise<{ stored: string; measured: string }> {
    const hash = createHash('sha256');
    const { fold } = await this.service.recorded();
    for (const { meterId, channel, end, energyWh } of fold.sorted()) hash.update(truthLine(meterId, channel, end * 1000, energyWh));
    return { stored: hash.digest('hex'), measured: await this.ledger.digest() };
  }

  /** The service ends and comes back from its state directory, which `between` may change. */
  async restart(between: (stateDir: string) => void | Promise<void> = () => {}): Promise<void> {
    const { stateDir } = this.service;
    for (const seat of this.seats.values()) await seat.close();
    await this.service.platform.close();
    await between(stateDir);
    this.service = await ServiceUnderTest.boot({ ...this.#options, start: this.now, stateDir });
    this.#listen();
    const { platform } = this.service;
    await this.#connect({ ...this.#commissioned, brokerUrl: platform.broker.url, brokerCa: platform.ca.rootPem });
  }

  async close(): Promise<void> {
    for (const seat of this.seats.values()) await seat.close();
    await this.service.close();
  }

  #home(index: number): TownHome {
    const { dcIds } = this;
    const relays = this.#options.relaysOf?.(index) ?? [dcIds[index % dcIds.length]!];
    const channel = { obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: 0 } as const;
    const asset = { intervalMinutes: this.minutes, channels: [channel], fuseW: 200_000, zone: 'Europe/London', areaLeaf: 'leaf-1' };
    return { meterId: meterIdOf('acceptance', `home ${index}`), asset, relays };
  }

  #seat(dcId: string): Seat {
    return new Seat({
      dcId,
      spool: this.#options.spool?.(dcId) ?? new MemorySpool(1),
      identities: this.#seatKeys,
      published: this.published,
      now: () => this.now,
      onDownlink: (meterId, bytes) => {
        this.#down.received++;
        const heard = this.tampering.get(dcId)?.down?.(meterId, bytes, this.now) ?? [{ meterId, bytes }];
        this.#inbox.push(...heard);
      },
    });
  }

  #up(dcId: string, output: MeterOutput, meterId: string): void {
    const outputs = this.tampering.get(dcId)?.up?.(output, meterId, this.now) ?? [output];
    for (const each of outputs) this.seats.get(dcId)!.relay.accept(each, meterId);
  }

  #listen(): void {
    this.#down = { published: 0, received: 0 };
    this.service.platform.broker.onWire = (topic, payload, at) => {
      if (this.keepWire) this.wire.push({ topic, payload: Buffer.from(payload), at });
      if (topic.endsWith('/down')) this.#down.published += readParcel(payload).filter(({ meterId }) => meterId !== TO_CONCENTRATOR).length;
    };
  }

  async #commission(): Promise<void> {
    const stock = {
      type: 'stock' as const,
      start: this.now,
      meters: await Promise.all(
        this.#homes.map(async (home) => ({ ...home, csr: await this.meterKeys.request(home.meterId, meterThing(home.meterId)) })),
      ),
      concentrators: await Promise.all(
        this.dcIds.map(async (dcId) => ({ dcId, csr: await this.#seatKeys.request(dcId, concentratorThing(dcId)) })),
      ),
    } satisfies Stock;
    const commissioned = await this.service.commission(stock);
    for (const { meterId, certificate } of commissioned.meters) this.meterKeys.issue(meterId, certificate);
    for (const { dcId, certificate } of commissioned.concentrators) this.#seatKeys.issue(dcId, certificate);
    const root = createPublicKey({ key: commissioned.root, format: 'der', type: 'spki' });
    for (const [index, home] of this.#homes.entries()) {
      const identity = this.meterKeys.issued(home.meterId);
      const parts = { root, manifest: commissioned.manifest, readingsPerFrame: 4, defences: defencesUnderTest(), now: this.now } as const;
      const member = switchOn({ ...parts, index, home, identity, nvram: new MemoryNvram(), snapshot: undefined });
      this.members.push(member);
      this.#byId.set(home.meterId, member);
    }
    await this.#connect(commissioned);
  }

  async #connect(commissioned: Commissioned): Promise<void> {
    this.#commissioned = commissioned;
    const url = (await this.#options.via?.(this.service)) ?? commissioned.brokerUrl;
    for (const seat of this.seats.values()) await seat.connect(url, commissioned.brokerCa);
  }

  #measure(to: number): void {
    const { value = (index, end) => 100 + ((index * 37 + end / MINUTE / this.minutes) % 400) } = this.#options;
    for (let end = this.measuredTo + this.minutes * MINUTE; end <= to; end += this.minutes * MINUTE) {
      for (const { index, home, meter } of this.members) {
        const wh = Math.floor(value(index, end));
        meter.measure(0, end, wh);
        this.ledger.record(home.meterId, 0, end, wh);
      }
    }
    this.measuredTo = to;
  }
}
