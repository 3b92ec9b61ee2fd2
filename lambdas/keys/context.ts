import type { MeterState } from '../../domain/enrolment/meter-state.ts';
import type { RelayState } from '../../domain/enrolment/relay.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import type { Counters } from '../middleware/counters.ts';
import { KnownMeters } from '../shared/devices/known-meters.ts';
import { TokenBuckets } from '../shared/devices/token-buckets.ts';
import { EpochVault } from '../shared/keys/epoch-vault.ts';
import { type Keyring, loadKeyring } from '../shared/keys/manifest.ts';
import { Segments } from '../shared/segments.ts';
import { WarmStreams } from '../shared/streams.ts';
import { Turns } from '../shared/turns.ts';
import { DayKeys } from './day-keys.ts';
import { JunkLedger } from './junk.ts';

/** What a worker of the keys function keeps between messages. */
export interface KeysContext {
  readonly platform: Platform;
  readonly defences: Defences;
  readonly counters: Counters;
  readonly vault: EpochVault;
  readonly segments: Segments;
  readonly known: KnownMeters;
  readonly meters: WarmStreams<MeterState>;
  readonly relays: WarmStreams<RelayState>;
  readonly limits: HandshakeLimits;
  readonly junk: JunkLedger;
  /** Messages of one meter go one after the other: a repeated HELLO finds what the first one recorded. */
  readonly turns: Turns;
  readonly keyring: () => Promise<Keyring>;
  readonly dayKeys: DayKeys;
}

/** Charged before anything asymmetric is computed. A bucket's clock is broker time. */
export interface HandshakeLimits {
  /** Messages of one concentrator: a whole neighbourhood after an outage, then 20 a second. */
  readonly relay: TokenBuckets;
  /** Messages of one meter over one concentrator: a relay can't use up what the meter may send over another. */
  readonly meter: TokenBuckets;
  /** Certificate requests of one concentrator. */
  readonly relayCertificate: TokenBuckets;
}

const KEYRING_FOR = 15 * 60_000;

export function makeKeysContext(platform: Platform, defences: Defences, counters: Counters): KeysContext {
  const relays = new WarmStreams<RelayState>(1_000);
  return {
    platform,
    defences,
    counters,
    vault: new EpochVault(platform),
    segments: new Segments(platform, 32),
    known: new KnownMeters(platform.directory),
    meters: new WarmStreams<MeterState>(1_000),
    relays,
    limits: {
      relay: new TokenBuckets({ burst: 2_048, perHour: 72_000 }),
      meter: new TokenBuckets({ burst: 32, perHour: 60 }),
      relayCertificate: new TokenBuckets({ burst: 4, perHour: 4 }),
    },
    junk: new JunkLedger(platform, counters, relays),
    turns: new Turns(),
    keyring: rememberedKeyring(platform),
    dayKeys: new DayKeys(platform),
  };
}

function rememberedKeyring(platform: Platform): () => Promise<Keyring> {
  let known: { readonly keyring: Keyring; readonly readAt: number } | undefined;
  return async () => {
    const now = platform.clock.now();
    if (known === undefined || now - known.readAt >= KEYRING_FOR) known = { keyring: await loadKeyring(platform), readAt: now };
    return known.keyring;
  };
}
