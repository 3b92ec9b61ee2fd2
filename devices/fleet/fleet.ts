import { createPublicKey } from 'node:crypto';
import { ALL_DEFENCES, type Defences } from '../../topology/defences.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import type { EvilConcentrator } from './adversary.ts';
import { FleetFolder, type SavedFleet } from './folder.ts';
import { Identities } from './identities.ts';
import { Life } from './life.ts';
import { switchOn } from './member.ts';
import type { Advanced, Commissioned, FleetCounts, Settled, Stock, Truth } from './protocol.ts';
import { Published } from './published.ts';
import { Seat } from './seat.ts';
import { makeTown, type Town, type TownRequest } from './town.ts';
import { TruthLedger } from './truth.ts';

/** Virtual time of `settle` without any change after which going on is of no use: a held slot waits 24 h, an unanswered one up to 50. */
const STALLED_MS = 96 * 3_600_000;

export interface FleetOptions {
  readonly request: TownRequest;
  /** Where the fleet keeps itself; absent = nothing outlives the process. */
  readonly stateDir?: string;
  readonly defences?: Defences;
  /** Called about once per hour of virtual time. @param at UTC ms */
  readonly onProgress?: (at: number, counts: FleetCounts) => void;
}

/**
 * A town of reference meters and concentrators between two machines' messages: it makes their keys, plays virtual
 * time, and keeps what was measured apart as the truth to reconcile against.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #town: Town;
  readonly #name: string;
  readonly #folder: FleetFolder;
  readonly #saved: SavedFleet | undefined;
  readonly #meterKeys: Identities;
  readonly #concentratorKeys: Identities;
  readonly #published = new Published(() => this.#folder.saveCounts(() => this.#published.save()));
  readonly #ledger: TruthLedger;
  readonly #seats: ReadonlyMap<string, Seat>;
  readonly #evil: EvilConcentrator | undefined;
  readonly #life: Life;
  #surrendered = false;
  #lastChange = { at: 0, state: '' };

  private constructor(options: FleetOptions, town: Town) {
    this.#options = options;
    this.#town = town;
    this.#name = nameOf(options.request, town);
    this.#folder = new FleetFolder(options.stateDir);
    const saved = this.#folder.load(this.#name);
    this.#saved = saved;
    const meterIds = town.homes.map((home) => home.meterId);
    this.#meterKeys = new Identities(meterIds, saved?.meters);
    this.#concentratorKeys = new Identities(town.dcIds, saved?.concentrators);
    this.#ledger = new TruthLedger(town.start, town.intervalMinutes);
    this.#seats = new Map(town.dcIds.map((dcId) => [dcId, this.#seat(dcId)]));
    this.#evil = [...this.#seats.values()].find((seat) => seat.evil !== undefined)?.evil;
    this.#life = new Life({
      town,
      seed: options.request.seed,
      seats: this.#seats,
      published: this.#published,
      ledger: this.#ledger,
      now: saved?.now ?? town.start,
      measuredTo: saved?.measuredTo ?? town.start,
      onStep: (at) => this.#step(at),
    });
    if (saved !== undefined) this.#resume(saved);
  }

  /** Builds the town and its keys, or takes up an earlier run. @throws ERR_FLEET_INPUT */
  static async build(options: FleetOptions): Promise<Fleet> {
    const request = resumed(options);
    const fleet = new Fleet({ ...options, request }, await makeTown(request));
    fleet.#save();
    return fleet;
  }

  async stock(): Promise<Stock> {
    const meters = this.#town.homes.map(async ({ meterId, asset, relays, spare }) => {
      const device = await stocked(this.#meterKeys, meterId, meterThing(meterId));
      return { meterId, asset, relays, ...device, ...(spare ? { spare } : {}) };
    });
    const concentrators = this.#town.dcIds.map(async (dcId) => {
      const device = await stocked(this.#concentratorKeys, dcId, concentratorThing(dcId));
      return { dcId, ...device };
    });
    const { start, end } = this.#town;
    return {
      type: 'stock',
      meters: await Promise.all(meters),
      concentrators: await Promise.all(concentrators),
      start,
      ...(Number.isFinite(end) ? { end } : {}),
      ...(this.#saved === undefined ? {} : { resumedAt: this.#life.measuredTo }),
    };
  }

  /** Takes certificates, switches meters on (the first time) and connects every concentrator, wherever it was connected before. */
  async connect(commissioned: Commissioned): Promise<void> {
    for (const { meterId, certificate } of commissioned.meters) this.#meterKeys.issue(meterId, certificate);
    for (const { dcId, certificate } of commissioned.concentrators) this.#concentratorKeys.issue(dcId, certificate);
    if (this.#life.members.size === 0) this.#switchOn(commissioned);
    this.#save();
    await Promise.all([...this.#seats.values()].map((seat) => seat.connect(commissioned.brokerUrl, commissioned.brokerCa)));
  }

  /** Plays up to `to`, UTC ms. */
  async advance(to: number): Promise<Advanced> {
    await this.#life.quiet();
    await this.#life.live(to);
    this.#save();
    const ended = this.#life.measuredTo >= this.#town.end;
    return { type: 'advanced', to, ...this.#counts(), ...this.#life.open(), ended };
  }

  /** Plays up to `to` without measuring, all concentrators honest. */
  async settle(to: number): Promise<Settled> {
    this.#evil?.surrender();
    this.#surrendered = true;
    await this.#life.quiet();
    await this.#life.pass(to);
    this.#save();
    const open = this.#life.open();
    const settled = open.unacknowledged === 0;
    const stalled = !settled && this.#unchangedFor(JSON.stringify([open, this.#published.frames])) >= STALLED_MS;
    return { type: 'settled', to, ...this.#counts(), ...open, settled, stalled };
  }

  /** @param file where the list of readings is written */
  async truth(file?: string): Promise<Truth> {
    const refusedByMeters: Record<string, number> = {};
    for (const { meter } of this.#life.members.values()) {
      for (const [reason, count] of meter.refusals) refusedByMeters[reason] = (refusedByMeters[reason] ?? 0) + count;
    }
    const { frames: framesPublished, batches } = this.#published;
    const bySlotDigest = await this.#ledger.digest(file);
    const adversary = this.#evil === undefined ? {} : { adversary: this.#evil.counts };
    return { type: 'truth', ...this.#ledger.sums(), framesPublished, batches, bySlotDigest, refusedByMeters, ...adversary };
  }

  /** Keeps what is there and frees sockets. */
  async close(): Promise<void> {
    this.#save();
    await Promise.all([...this.#seats.values()].map((seat) => seat.close()));
  }

  #counts(): FleetCounts {
    const { frames, batches, hellos, renewals } = this.#published;
    return { framesPublished: frames, batches, hellos, renewals, readings: this.#ledger.readings };
  }

  #step(at: number): void {
    this.#folder.saveCounts(() => this.#published.save());
    this.#options.onProgress?.(at, this.#counts());
  }

  /** @returns virtual ms for which the state has been this */
  #unchangedFor(state: string): number {
    if (state !== this.#lastChange.state) this.#lastChange = { at: this.#life.now, state };
    return this.#life.now - this.#lastChange.at;
  }

  #seat(dcId: string): Seat {
    const { adversary, seed } = this.#options.request;
    return new Seat({
      dcId,
      spool: this.#folder.spool(dcId),
      identities: this.#concentratorKeys,
      published: this.#published,
      now: () => this.#life.now,
      onDownlink: (meterId, bytes) => this.#life.deliver(meterId, bytes),
      ...(adversary === dcId ? { evilSeed: seed } : {}),
    });
  }

  #switchOn(commissioned: Commissioned): void {
    const { defences = ALL_DEFENCES } = this.#options;
    const common = {
      root: createPublicKey({ key: Buffer.from(commissioned.root), format: 'der', type: 'spki' }),
      manifest: Buffer.from(commissioned.manifest),
      readingsPerFrame: this.#options.request.readingsPerFrame ?? 4,
      defences,
      now: this.#life.now,
    } as const;
    for (const [index, home] of this.#town.homes.entries()) {
      const identity = this.#meterKeys.issued(home.meterId);
      const nvram = this.#folder.nvram(index);
      const snapshot = this.#saved?.profiles[home.meterId];
      this.#life.join(switchOn({ ...common, index, home, identity, nvram, snapshot }));
    }
  }

  #resume(saved: SavedFleet): void {
    this.#ledger.restore(saved.truth);
    const counts = this.#folder.loadCounts();
    if (counts !== undefined) this.#published.restore(counts);
    this.#surrendered = saved.surrendered;
    Object.assign(this.#evil?.counts ?? {}, saved.adversary);
    if (saved.surrendered) this.#evil?.surrender();
  }

  #save(): void {
    this.#folder.save(() => this.#state());
    this.#folder.saveCounts(() => this.#published.save());
  }

  #state(): SavedFleet {
    const profiles: Record<string, Uint8Array> = { ...this.#saved?.profiles };
    for (const [meterId, { meter, profile }] of this.#life.members) {
      profiles[meterId] = profile.snapshot();
      this.#meterKeys.renew(meterId, meter.identity.privateKey, meter.identity.certificate);
    }
    return {
      version: 1,
      town: this.#name,
      measuredTo: this.#life.measuredTo,
      now: this.#life.now,
      meters: this.#meterKeys.save(),
      concentrators: this.#concentratorKeys.save(),
      profiles,
      truth: this.#ledger.save(),
      surrendered: this.#surrendered,
      ...(this.#evil === undefined ? {} : { adversary: this.#evil.counts }),
    };
  }
}

async function stocked(keys: Identities, name: string, thing: string): Promise<{ csr: Buffer; certificate?: Buffer }> {
  const csr = await keys.request(name, thing);
  const certificate = keys.certificate(name);
  return certificate === undefined ? { csr } : { csr, certificate };
}

/** A synthetic town begins by the clock of who starts it; one that lives already has begun. */
function resumed({ request, stateDir }: FleetOptions): TownRequest {
  if (request.kind !== 'synthetic') return request;
  return { ...request, start: new FleetFolder(stateDir).begun() ?? request.start };
}

/** What makes a town the same town. */
function nameOf(request: TownRequest, town: Town): string {
  const { seed, kind } = request;
  return JSON.stringify([kind, seed, town.start, town.intervalMinutes, town.homes.length, town.dcIds.length]);
}
