import type { KeyObject } from 'node:crypto';
import type { AssetRecord } from '../../events/meter.ts';
import { EVENT_CODE, FLAG } from '../../protocol/plaintext.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';
import type { Defences } from '../../topology/defences.ts';
import { mergeMidnights } from './calendar.ts';
import { MeterClock } from './clock.ts';
import { DayBook } from './day-book.ts';
import { obey } from './downlinks.ts';
import { MeterHandshake } from './handshake.ts';
import type { MeterIdentity } from './identity.ts';
import { Keyring } from './keyring.ts';
import { type LocalCredentials, LocalPort } from './local-port.ts';
import type { Nvram } from './nvram.ts';
import type { MeterOutput } from './output.ts';
import type { ProfileStore } from './profile-store.ts';
import { IdentityRenewal } from './renewal.ts';
import { ResendQueue } from './resend-queue.ts';
import { type GridQuality, Schedule } from './schedule.ts';
import { KeyTrust } from './trust.ts';

export type { MeterIdentity } from './identity.ts';
export type { MeterOutput } from './output.ts';

type MeterDefences = Pick<Defences, 'uniformTraffic' | 'downlinkAllowList' | 'downlinkMac' | 'acceptSignature'>;

export interface MeterOptions {
  /** EUI-64, 16 lowercase hex digits. */
  readonly meterId: string;
  readonly asset: Pick<AssetRecord, 'intervalMinutes' | 'channels'>;
  readonly identity: MeterIdentity;
  /** The offline root of key manifests, pinned. */
  readonly rootPublicKey: KeyObject;
  /** The manifest the meter left the factory with. */
  readonly manifest: Buffer;
  readonly nvram: Nvram;
  readonly profile: ProfileStore;
  readonly readingsPerFrame: 1 | 4 | 24 | 96;
  readonly defences: MeterDefences;
  readonly random: (bytes: number) => Buffer;
  /** How far the meter's clock is ahead of true time at first, ms. */
  readonly clockDriftMs?: number;
  /** How much faster it runs, parts per million. */
  readonly clockDriftPpm?: number;
  /** When in its period the meter sends, ms; default: from its id, within two minutes. */
  readonly slotOffsetMs?: number;
  /** Hours between quality frames; 0 = none. Default 24. */
  readonly qualityHours?: number;
  /** What the grid is like just now; default nominal. */
  readonly grid?: () => GridQuality;
  /** After so long without an acknowledgement a slot is sealed again, ms. Default 26 h. */
  readonly resendAfterMs?: number;
  /** Version of the channel table, for the daily seal. */
  readonly tableVersion?: number;
  /** Root of the device CA, DER: what the local read port is opened under. Without it the port stays shut. */
  readonly caRoot?: Buffer;
  /** Roles whose certificates open the local read port. Default: operator. */
  readonly localRoles?: readonly string[];
}

interface MeterStatus {
  readonly epoch: number | undefined;
  readonly pendingEpoch: number | undefined;
  /** Per channel: UTC ms up to which everything is acknowledged; 0 = nothing yet. */
  readonly ackedTo: readonly number[];
  readonly held: number;
  readonly unacknowledged: number;
}

/** A reading as the meter measured it. */
interface MeasuredReading {
  readonly channel: number;
  /** Interval end, UTC ms. */
  readonly end: number;
  /** Counts of the channel. */
  readonly value: number;
}

/** What a power failure takes along. */
interface WorkingParts {
  readonly keyring: Keyring;
  readonly handshake: MeterHandshake;
  readonly schedule: Schedule;
  readonly renewal: IdentityRenewal;
  readonly resends: ResendQueue;
}

/**
 * The reference meter: what a meter of the service does, in software. It has no clock and no network of its own:
 * the caller says when an interval ended, polls for what is due and hands in what came.
 * @source X.1332 8.1, 9.1, 10.1
 */
export class ReferenceMeter {
  readonly #options: MeterOptions;
  readonly #identity: MeterIdentity;
  readonly #clock: MeterClock;
  readonly #port: LocalPort;
  readonly #trust: KeyTrust;
  #working: WorkingParts;
  #refusals: Map<string, number> | undefined;
  #rebooted = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws ERR_MANIFEST_REFUSED when the factory manifest is not signed by the pinned root */
  constructor(options: MeterOptions) {
    this.#options = options;
    this.#identity = { ...options.identity };
    this.#clock = new MeterClock(options.clockDriftMs ?? 0, options.clockDriftPpm ?? 0);
    this.#port = new LocalPort(options.meterId, options.caRoot, options.localRoles ?? ['operator']);
    this.#trust = new KeyTrust(options.rootPublicKey, options.manifest, options.profile);
    this.#working = this.#boot();
  }

  /** Messages that were not obeyed, per reason. */
  get refusals(): Map<string, number> {
    this.#refusals ??= new Map();
    return this.#refusals;
  }

  get status(): MeterStatus {
    const { channels } = this.#options.profile;
    return {
      epoch: this.#working.keyring.current?.epoch,
      pendingEpoch: this.#working.keyring.pending?.epoch,
      ackedTo: channels.map((channel) => channel.ackedTo * 1000),
      held: channels.reduce((sum, channel) => sum + channel.held, 0),
      unacknowledged: channels.reduce((sum, channel) => sum + channel.unacknowledged, 0),
    };
  }

  /** Key and certificate as they are now: a renewal changes both. */
  get identity(): Readonly<MeterIdentity> {
    return this.#identity;
  }

  /**
   * One interval ended. Intervals skipped since the last one are recorded as an outage; one that is there already, or
   * does not end on the grid of the interval length, is ignored.
   * @param end UTC ms @param value counts of the channel, null = lost @param registerAdvance counts; default the value
   * @param flags FLAG bits of the protocol that hold for the slot
   */
  measure(channel: number, end: number, value: number | null, registerAdvance = value ?? 0, flags = 0): void {
    const ring = this.#options.profile.channels[channel];
    if (ring === undefined) throw new RangeError(`channel ${channel} is not in the meter's table`);
    ring.append(Math.round(end / 1000), value, registerAdvance, flags, FLAG.outage);
  }

  /** What is due at `now` (UTC ms, true time; the meter sees it through its own clock). A second call finds nothing new. */
  poll(now: number): Promise<MeterOutput[]> {
    return this.#inTurn(() => this.#poll(now));
  }

  /** True time of the next scheduled slot after `now`, both UTC ms: frames leave at the first poll from then on. */
  nextSlotAt(now: number): number {
    return now + this.#working.schedule.untilNext(this.#clock.read(now));
  }

  /** Bytes from a concentrator's parcel. Never rejects; what is not obeyed is counted in `refusals`. */
  receive(bytes: Buffer, now: number): Promise<void> {
    return this.#inTurn(async () => this.#receive(bytes, now));
  }

  /** @param code EVENT_CODE of the protocol @param at UTC ms @param value u32 */
  reportEvent(code: number, at: number, value: number): void {
    this.#working.schedule.report({ code, at: Math.round(at / 1000), value });
  }

  /** The power failed and came back: what was not in flash, NVRAM or the secure element is gone. */
  reboot(): void {
    this.#working = this.#boot();
    this.#rebooted = true;
  }

  /** A challenge for a reader at the local port. @returns 32 bytes */
  localChallenge(now: number): Buffer {
    return this.#port.challenge(this.#clock.read(now));
  }

  /** The load profile for a reader at the local port; undefined for everybody who is not admitted. */
  localRead(credentials: LocalCredentials, now: number): MeasuredReading[] | undefined {
    return this.#port.admits(credentials, this.#clock.read(now)) ? [...this.truth()] : undefined;
  }

  /** Every slot in memory that has a value. */
  *truth(): IterableIterator<MeasuredReading> {
    for (const [channel, ring] of this.#options.profile.channels.entries()) {
      for (const { end, value } of ring.slots()) if (value !== null) yield { channel, end: end * 1000, value };
    }
  }

  #boot(): WorkingParts {
    const { meterId, nvram, profile, random, defences, tableVersion = 1 } = this.#options;
    const identity = this.#identity;
    const keyring = new Keyring(nvram, meterId, random(4).readUInt32BE());
    const resends = new ResendQueue(profile);
    const { acceptSignature } = defences;
    const handshake = new MeterHandshake({ meterId, keyring, trust: this.#trust, identity, random, acceptSignature });
    const days = new DayBook({ meterId, profile, identity, random, tableVersion });
    const schedule = new Schedule(this.#options, { keyring, resends, days });
    return { keyring, resends, handshake, schedule, renewal: new IdentityRenewal(meterId, identity) };
  }

  async #poll(now: number): Promise<MeterOutput[]> {
    const at = this.#clock.read(now);
    if (this.#rebooted) this.#working.schedule.report({ code: EVENT_CODE.boot, at: Math.round(at / 1000), value: 0 });
    this.#rebooted = false;
    this.#working.keyring.erasePast(at);
    const outputs: MeterOutput[] = (await this.#working.schedule.poll(at)).map((bytes) => ({ kind: 'frame', bytes }));
    const hello = await this.#working.handshake.poll(at);
    if (hello !== undefined) outputs.push({ kind: 'hello', bytes: hello });
    const renewal = await this.#working.renewal.poll(at);
    if (renewal !== undefined) outputs.push({ kind: 'renewal', bytes: renewal });
    return outputs;
  }

  #receive(bytes: Buffer, now: number): void {
    const { meterId, profile, defences } = this.#options;
    const at = this.#clock.read(now);
    const { keyring, resends } = this.#working;
    const options = { meterId, keyring, profile, resends, defences };
    try {
      obey(bytes, Math.floor(at / 1000), options, {
        accept: (accept) => {
          const { correctionMs, midnights } = this.#working.handshake.receiveAccept(accept, at);
          this.#learnTime(at + correctionMs, midnights, now);
        },
        epochIs: (epochIs) => this.#working.handshake.receiveEpochIs(epochIs, at),
        keys: (manifest) => this.#trust.adopt(manifest),
        newEpoch: () => this.#working.handshake.ask(),
        time: (utc, midnights) => {
          this.#working.handshake.clockMoved();
          this.#learnTime(utc, midnights, now);
        },
        certificate: (der) => this.#working.renewal.receive(der),
      });
    } catch (error) {
      const reason = error instanceof ProtocolRefusal ? error.reason : 'fault';
      this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
    }
  }

  #learnTime(utc: number, midnights: readonly number[], now: number): void {
    const { profile } = this.#options;
    profile.midnights = mergeMidnights(profile.midnights, midnights);
    const before = Math.floor(this.#clock.read(now) / 1000);
    if (Math.abs(utc - this.#clock.read(now)) < 1000) return;
    this.#clock.set(utc, now);
    this.#working.schedule.clockSet(utc);
    profile.marks.clockSetAt = Math.floor(utc / 1000);
    this.#working.schedule.report({ code: EVENT_CODE.clockSet, at: Math.floor(utc / 1000), value: Math.max(0, before) });
  }

  /** One thing at a time, in the order asked for. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.then(nothing, nothing);
    return run;
  }
}

function nothing(): void {}
