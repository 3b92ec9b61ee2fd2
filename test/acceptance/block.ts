import { createHash, createPublicKey } from 'node:crypto';
import type { Recorded } from '../../bin/town/reconciliation.ts';
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
import { encodeBatch } from '../../protocol/batch.ts';
import { concentratorThing, meterThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { defencesUnderTest } from '../support/defences.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What a concentrator in bad hands does with what passes through it; nothing given = passed on. */
export interface Tampering {
  up?(output: MeterOutput, meterId: string, now: number): readonly MeterOutput[];
  down?(meterId: string, bytes: Buffer, now: number): readonly { meterId: string; bytes: Buffer }[];
}

export interface BlockOptions {
  readonly meters: number;
  readonly dcIds?: readonly string[];
  /** Default: one each, in turn. */
  readonly relaysOf?: (index: number) => readonly string[];
  readonly intervalMinutes?: 5 | 15 | 30;
  /** Wh of the interval that ends at `end`. */
  readonly value?: (index: number, end: number) => number;
  readonly spool?: (dcId: string) => Spool;
}

/** What a block of homes needs of the service. */
interface BlockService {
  readonly clock: { step(to: number): void };
  commission(stock: Stock): Promise<Commissioned>;
  settle(): Promise<void>;
  recorded(): Promise<Recorded>;
}

/** A few reference meters and concentrators in this process, each as it would be in the field, and what was measured there. */
export abstract class Block {
  abstract readonly service: BlockService;
  readonly members: Member[] = [];
  readonly #byId = new Map<string, Member>();
  readonly seats = new Map<string, Seat>();
  readonly published = new Published();
  readonly ledger: TruthLedger;
  readonly tampering = new Map<string, Tampering>();
  /** Meters nobody hears and that hear nobody. */
  readonly offline = new Set<string>();
  now: number;
  measuredTo: number;
  readonly meterKeys: Identities;
  protected readonly seatKeys: Identities;
  readonly #options: BlockOptions;
  readonly #homes: readonly TownHome[];
  readonly #inbox: { meterId: string; bytes: Buffer }[] = [];
  #foreign = 2 ** 31;
  /** Messages for meters that reached their concentrator. */
  protected received = 0;

  /** @param start UTC ms */
  protected constructor(options: BlockOptions, start: number) {
    this.#options = options;
    this.now = start;
    this.measuredTo = start;
    this.ledger = new TruthLedger(start, this.minutes);
    this.#homes = Array.from({ length: options.meters }, (_, index) => this.#home(index));
    this.meterKeys = new Identities(
      this.#homes.map(({ meterId }) => meterId),
      undefined,
    );
    this.seatKeys = new Identities(this.dcIds, undefined);
    for (const dcId of this.dcIds) this.seats.set(dcId, this.#seat(dcId));
  }

  /** Gives every concentrator its line. */
  protected abstract connect(commissioned: Commissioned): Promise<void>;

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
      this.measure(end);
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

  /** Hands what came down to the meters. */
  async hear(): Promise<void> {
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

  /** `meterId,channel,end,Wh` of everything stored, and of everything measured, as one hash each. */
  async digests(): Promise<{ stored: string; measured: string }> {
    const hash = createHash('sha256');
    const { fold } = await this.service.recorded();
    for (const { meterId, channel, end, energyWh } of fold.sorted()) hash.update(truthLine(meterId, channel, end * 1000, energyWh));
    return { stored: hash.digest('hex'), measured: await this.ledger.digest() };
  }

  /** Every interval up to `to` ends. */
  measure(to: number): void {
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

  protected async commission(): Promise<void> {
    const stock = {
      type: 'stock' as const,
      start: this.now,
      meters: await Promise.all(
        this.#homes.map(async (home) => ({ ...home, csr: await this.meterKeys.request(home.meterId, meterThing(home.meterId)) })),
      ),
      concentrators: await Promise.all(
        this.dcIds.map(async (dcId) => ({ dcId, csr: await this.seatKeys.request(dcId, concentratorThing(dcId)) })),
      ),
    } satisfies Stock;
    const commissioned = await this.service.commission(stock);
    for (const { meterId, certificate } of commissioned.meters) this.meterKeys.issue(meterId, certificate);
    for (const { dcId, certificate } of commissioned.concentrators) this.seatKeys.issue(dcId, certificate);
    const root = createPublicKey({ key: commissioned.root, format: 'der', type: 'spki' });
    for (const [index, home] of this.#homes.entries()) {
      const identity = this.meterKeys.issued(home.meterId);
      const parts = { root, manifest: commissioned.manifest, readingsPerFrame: 4, defences: defencesUnderTest(), now: this.now } as const;
      const member = switchOn({ ...parts, index, home, identity, nvram: new MemoryNvram(), snapshot: undefined });
      this.members.push(member);
      this.#byId.set(home.meterId, member);
    }
    await this.connect(commissioned);
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
      identities: this.seatKeys,
      published: this.published,
      now: () => this.now,
      onDownlink: (meterId, bytes) => {
        this.received++;
        const heard = this.tampering.get(dcId)?.down?.(meterId, bytes, this.now) ?? [{ meterId, bytes }];
        this.#inbox.push(...heard);
      },
    });
  }

  #up(dcId: string, output: MeterOutput, meterId: string): void {
    const outputs = this.tampering.get(dcId)?.up?.(output, meterId, this.now) ?? [output];
    for (const each of outputs) this.seats.get(dcId)!.relay.accept(each, meterId);
  }
}
