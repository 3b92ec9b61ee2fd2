import type { BatchRef, DeviceReleased, DomainEvent, JunkCounted, RefusalCounts, RelayEvent } from '../../events/index.ts';
import { JoulekeepError } from '../../events/index.ts';
import { MILLISECONDS, RELAY_LIMITS } from './limits.ts';

/** What stream `relay/<dcId>` says of a concentrator. Junk is counted whatever its standing, and before it is registered. */
export type RelayState = (
  | { readonly standing: 'unregistered' }
  | { readonly standing: 'registered'; readonly certificates: readonly RelayCertificate[] }
  | {
      readonly standing: 'quarantined';
      readonly reason: string;
      readonly since: number;
      readonly certificates: readonly RelayCertificate[];
    }
) &
  RelayTraffic;

export interface RelayCertificate {
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly at: number;
}

export interface JunkBatch {
  /** `<sequence>/<digest>` */
  readonly key: string;
  /** As in JunkCounted. */
  readonly unknown?: Uint8Array;
}

export interface RelayTraffic {
  /** The latest 256 batches that held junk. */
  readonly junk: readonly JunkBatch[];
  /** UTC hour and how many raw frames were kept in it. */
  readonly raws: { readonly hour: number; readonly kept: number };
  /** UTC ms of RelayThrottled within the last hour. */
  readonly throttled: readonly number[];
  /** Refused handshakes: the UTC day, how many were recorded on it, and UTC ms of the last summary. */
  readonly handshakes: { readonly day: number; readonly recorded: number; readonly summarisedAt: number };
}

/** Batch number of what came over the handshake queue and stands in no batch; batches are numbered from 1. */
export const NO_BATCH = 0;

export type RelayCommand =
  | { readonly type: 'RegisterRelay'; readonly dcId: string; readonly fingerprint: string; readonly at: number }
  | ({ readonly type: 'CountJunk' } & JunkCounted)
  /** Refused handshakes that `CountJunk` left out, in sum. Counted about: what a worker knew of when it ended is lost. */
  | { readonly type: 'SumUpHandshakes'; readonly batch: BatchRef; readonly counts: RefusalCounts; readonly at: number }
  | { readonly type: 'ReportFlood'; readonly frames: number; readonly at: number }
  | { readonly type: 'QuarantineRelay'; readonly reason: string; readonly at: number }
  | ({ readonly type: 'ReleaseRelay' } & DeviceReleased);

const NO_HANDSHAKES = { day: -1, recorded: 0, summarisedAt: Number.NEGATIVE_INFINITY };
const INITIAL: RelayState = { standing: 'unregistered', junk: [], raws: { hour: -1, kept: 0 }, throttled: [], handshakes: NO_HANDSHAKES };

/**
 * Decider of stream `relay/<dcId>`: one concentrator, its certificates, its junk and its standing. `[]` means already done.
 * A batch of junk is counted once however often the queue delivers it; a relay that floods is throttled, then quarantined.
 * @source X.1332 8.1 (denial of service), 10.1
 */
export const relay = { initial: INITIAL, decide: decideRelay, evolve: evolveRelay };

function decideRelay(command: RelayCommand, state: RelayState): readonly RelayEvent[] {
  switch (command.type) {
    case 'RegisterRelay': {
      const { dcId, fingerprint, at } = command;
      const known = state.standing !== 'unregistered' && state.certificates.some((other) => other.fingerprint === fingerprint);
      return known ? [] : [{ type: 'RelayRegistered', data: { dcId, fingerprint, at } }];
    }
    case 'CountJunk':
      if (junkOf(state, command.batch) !== undefined || isBeyond(state, command)) return [];
      return [{ type: 'JunkCounted', data: withinLimits(command, state) }];
    case 'SumUpHandshakes': {
      const { batch, counts, at } = command;
      if (at - state.handshakes.summarisedAt < RELAY_LIMITS.summaryEvery) return [];
      return [{ type: 'JunkCounted', data: { batch, brokerTime: at, counts, hashes: [], raws: [] } }];
    }
    case 'ReportFlood':
      return reportFlood(state, command.frames, command.at);
    case 'QuarantineRelay':
      return state.standing === 'quarantined' ? [] : [{ type: 'RelayQuarantined', data: { reason: command.reason, at: command.at } }];
    case 'ReleaseRelay': {
      const { type: _, ...released } = command;
      return state.standing === 'quarantined' ? [{ type: 'RelayReleased', data: released }] : [];
    }
    default:
      return never(command);
  }
}

function evolveRelay(state: RelayState, event: DomainEvent): RelayState {
  switch (event.type) {
    case 'RelayRegistered': {
      const certificate = { fingerprint: event.data.fingerprint, at: event.data.at };
      if (state.standing === 'unregistered') return { ...state, standing: 'registered', certificates: [certificate] };
      return { ...state, certificates: [...state.certificates, certificate].slice(-4) };
    }
    case 'JunkCounted': {
      const { hour, kept } = rawsIn(state, event.data.brokerTime);
      const { batch, unknown } = event.data;
      const counted = { key: batchKey(batch), ...(unknown && { unknown }) };
      const junk = [...state.junk, counted].slice(-RELAY_LIMITS.batchWindow);
      return { ...state, junk, raws: { hour, kept: kept + event.data.raws.length }, handshakes: withHandshake(state, event.data) };
    }
    case 'RelayThrottled':
      return { ...state, throttled: [...recent(state.throttled, event.data.at), event.data.at] };
    case 'RelayQuarantined': {
      const certificates = state.standing === 'unregistered' ? [] : state.certificates;
      return { ...traffic(state), standing: 'quarantined', reason: event.data.reason, since: event.data.at, certificates };
    }
    case 'RelayReleased':
      if (state.standing !== 'quarantined') return state;
      return { ...traffic(state), standing: 'registered', certificates: state.certificates, throttled: [] };
    default:
      return state;
  }
}

/** One RelayThrottled a minute; the fifth within an hour quarantines. */
function reportFlood(state: RelayState, frames: number, at: number): RelayEvent[] {
  const times = recent(state.throttled, at);
  const last = times.at(-1);
  if (last !== undefined && at - last < RELAY_LIMITS.throttledEvery) return [];
  const throttled: RelayEvent = { type: 'RelayThrottled', data: { frames, at } };
  if (times.length + 1 < RELAY_LIMITS.throttledToQuarantine || state.standing === 'quarantined') return [throttled];
  return [throttled, { type: 'RelayQuarantined', data: { reason: 'flood', at } }];
}

/** At most 64 hashes an event and 100 raw frames an hour are recorded; counts stay whole. */
function withinLimits(command: JunkCounted, state: RelayState): JunkCounted {
  const { batch, brokerTime, counts, hashes, raws, unknown } = command;
  const room = Math.max(0, RELAY_LIMITS.rawsPerHour - rawsIn(state, brokerTime).kept);
  return {
    batch,
    brokerTime,
    counts,
    hashes: hashes.slice(0, RELAY_LIMITS.hashes),
    raws: raws.slice(0, room),
    ...(unknown && { unknown }),
  };
}

/** What was counted of a batch; undefined when it held no junk, or isn't remembered. */
export function junkOf({ junk }: RelayState, batch: Pick<BatchRef, 'sequence' | 'digest'>): JunkBatch | undefined {
  const key = batchKey(batch);
  return junk.find((counted) => counted.key === key);
}

/** A batch of frames is always recorded, for the books; handshakes only so many a day. */
function isBeyond(state: RelayState, { batch, brokerTime }: JunkCounted): boolean {
  return batch.sequence === NO_BATCH && handshakesOn(state, brokerTime) >= RELAY_LIMITS.handshakesPerDay;
}

/** An event without hashes is a summary. */
function withHandshake(state: RelayState, { batch, brokerTime, hashes }: JunkCounted): RelayTraffic['handshakes'] {
  if (batch.sequence !== NO_BATCH) return state.handshakes;
  if (hashes.length === 0) return { ...state.handshakes, summarisedAt: brokerTime };
  const day = Math.floor(brokerTime / MILLISECONDS.day);
  return { ...state.handshakes, day: Math.max(day, state.handshakes.day), recorded: handshakesOn(state, brokerTime) + 1 };
}

/** A late delivery of yesterday's counts as today's. */
function handshakesOn({ handshakes }: RelayState, at: number): number {
  return Math.floor(at / MILLISECONDS.day) > handshakes.day ? 0 : handshakes.recorded;
}

function rawsIn(state: RelayState, at: number): RelayTraffic['raws'] {
  const hour = Math.floor(at / MILLISECONDS.hour);
  return state.raws.hour === hour ? state.raws : { hour, kept: 0 };
}

function recent(times: readonly number[], at: number): number[] {
  return times.filter((time) => time > at - MILLISECONDS.hour);
}

function traffic({ junk, raws, throttled, handshakes }: RelayState): RelayTraffic {
  return { junk, raws, throttled, handshakes };
}

function batchKey({ sequence, digest }: Pick<BatchRef, 'sequence' | 'digest'>): string {
  return `${sequence}/${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
