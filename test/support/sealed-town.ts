import { randomBytes } from 'node:crypto';
import { meter } from '../../domain/enrolment/meter.ts';
import type { AssetRecord } from '../../events/index.ts';
import { announce } from '../../lambdas/shared/devices/known-meters.ts';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { type GenerationKeys, sealFrame } from '../../protocol/frame.ts';
import { epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext, type Plaintext } from '../../protocol/plaintext.ts';

export const QUARTER_MS = 15 * 60_000;

export const HOME: AssetRecord = {
  intervalMinutes: 15,
  channels: [{ obis: '1-0:1.8.0', direction: 'import', unit: 'Wh', scale: 1, dials: 9, multiplier: 1, validFrom: 0 }],
  fuseW: 24_000,
  zone: 'Europe/London',
  areaLeaf: 'area-1',
};

/** A meter that is nothing but its keys and its counter: for tests and benchmarks of what happens behind the gateway. */
export class SealedMeter {
  readonly meterId: string;
  readonly segment: string;
  readonly relays: readonly string[];
  counter = 0;
  register = 0;
  epoch = 1;
  #keys: GenerationKeys;
  secret: Buffer;

  constructor(meterId: string, segment: string, relays: readonly string[]) {
    this.meterId = meterId;
    this.segment = segment;
    this.relays = relays;
    this.secret = randomBytes(32);
    this.#keys = generationOf(epochKeys(this.secret).chain0, 0);
  }

  renew(): void {
    this.epoch++;
    this.counter = 0;
    this.secret = randomBytes(32);
    this.#keys = generationOf(epochKeys(this.secret).chain0, 0);
  }

  seal(plain: Plaintext, counter = ++this.counter): Buffer {
    const header = { meterId: this.meterId, epoch: this.epoch, generation: 0, salt: 7, counter };
    return sealFrame(header, this.#keys, encodePlaintext(plain));
  }

  /** A frame of quarter-hours that end at `end` (UTC ms); the register moves along. */
  reading(end: number, deltas: readonly (number | null)[], changes: Partial<Extract<Plaintext, { kind: 'reading' }>> = {}): Buffer {
    for (const delta of deltas) this.register += delta ?? 0;
    const fields = { channel: 0, end: end / 1000, minutes: 15, register: this.register, head: Buffer.alloc(8), deltas, flags: 0 };
    return this.seal({ kind: 'reading', ...fields, ...changes });
  }
}

export interface SealedTownOptions {
  readonly meters: number;
  readonly relays?: readonly string[];
  /** Meters of one segment. */
  readonly segmentSize?: number;
  /** UTC ms from which slots are expected. */
  readonly at: number;
  /** Number of the first meter, a multiple of the segment size; 0. */
  readonly first?: number;
  /** What each of them is; HOME. */
  readonly asset?: AssetRecord;
}

/** Meters enrolled straight into segments, with epoch secrets in the vault: what enrolment and handshake would have left. */
export async function sealedTown(as: (principal: string) => Platform, options: SealedTownOptions): Promise<SealedMeter[]> {
  const { meters, relays = ['one'], segmentSize = 512, at, first = 0, asset = HOME } = options;
  const platform = as('ingest');
  const segments = new Segments(platform);
  const vault = new EpochVault(as('keys'));
  const town: SealedMeter[] = [];
  for (let from = first; from < first + meters; from += segmentSize) {
    const segment = String(from / segmentSize).padStart(5, '0');
    const here: SealedMeter[] = [];
    for (let n = from; n < Math.min(first + meters, from + segmentSize); n++) {
      here.push(new SealedMeter((0x0a0b_0c00_0000_0000n + BigInt(n)).toString(16).padStart(16, '0'), segment, relays));
    }
    const from0 = relays.map((dcId) => ({ dcId, from: 0 }));
    await segments.executeMany(
      segment,
      here.map(({ meterId }) => ({ type: 'JoinMeter' as const, meterId, asset, relays: from0, at })),
    );
    await Promise.all(here.map((sealed) => enrol(platform, vault, sealed, asset, at)));
    await announce(platform.directory, here);
    town.push(...here);
  }
  return town;
}

async function enrol(
  platform: Platform,
  vault: EpochVault,
  { meterId, segment, relays, epoch, secret }: SealedMeter,
  asset: AssetRecord,
  at: number,
): Promise<void> {
  const keyRow = await vault.store(meterId, epoch, secret);
  const none = Buffer.alloc(32);
  await runDecider(platform.events, `meter/${meterId}`, meter, [
    { type: 'EnrolMeter', meterId, certificate: Buffer.from('no certificate'), asset, at },
    { type: 'AssignSegment', segment },
    ...relays.map((dcId) => ({ type: 'AssignRelay' as const, dcId, from: 0 })),
    { type: 'ActivateMeter', at },
    { type: 'ProposeEpoch', epoch, helloHash: none, signedHash: none, accept: none, keyRow, at, suite: 1 },
  ]);
}

/** A message of the telemetry queue, as the gateway's rule writes it. */
export function telemetryBody(dcId: string, brokerTime: number, sequence: number, frames: readonly Buffer[]): string {
  const batch = encodeBatch(
    sequence,
    frames.map((bytes) => ({ receivedAt: brokerTime, bytes })),
  );
  return JSON.stringify({ dcId, brokerTime, batch: batch.toString('base64') });
}
