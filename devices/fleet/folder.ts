import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { DiskSpool } from '../concentrator/disk-spool.ts';
import { MemorySpool, type Spool } from '../concentrator/spool.ts';
import { MemoryNvram, type Nvram } from '../meter/nvram.ts';
import type { AdversaryCounts } from './adversary.ts';
import { FleetInputError } from './fleet-input-error.ts';
import { NvramFile } from './nvram-file.ts';
import type { SavedCounts } from './published.ts';
import type { SavedTruth } from './truth.ts';

/** Key and certificate of one device. */
export interface SavedIdentity {
  /** PKCS #8 DER. */
  readonly key: Uint8Array;
  /** X.509 DER, once issued. */
  readonly certificate?: Uint8Array;
}

/** A fleet between two runs; what it says changes with every `advance`. */
export interface SavedFleet {
  readonly version: 1;
  /** Which town this is: seed, size, grid. */
  readonly town: string;
  /** UTC ms. */
  readonly measuredTo: number;
  /** Virtual time, UTC ms. */
  readonly now: number;
  readonly meters: Readonly<Record<string, SavedIdentity>>;
  readonly concentrators: Readonly<Record<string, SavedIdentity>>;
  readonly profiles: Readonly<Record<string, Uint8Array>>;
  readonly truth: SavedTruth;
  readonly adversary?: AdversaryCounts;
  readonly surrendered: boolean;
}

/**
 * Where a fleet keeps itself: `DIR/fleet`, or nowhere. NVRAM records and spools are written as they change, the
 * published counts with every batch, the rest (`fleet.bin`, readable by the owner alone) with every `advance`; what a
 * killed fleet measured after that it measures again with the same values.
 */
export class FleetFolder {
  readonly #dir: string | undefined;
  readonly #nvram: NvramFile | undefined;

  /** @param stateDir absent = nothing outlives the process */
  constructor(stateDir: string | undefined) {
    this.#dir = stateDir === undefined ? undefined : join(stateDir, 'fleet');
    if (this.#dir === undefined) return;
    mkdirSync(join(this.#dir, 'spool'), { recursive: true, mode: 0o700 });
    this.#nvram = new NvramFile(join(this.#dir, 'nvram.bin'));
  }

  /** @param town what `SavedFleet.town` must be @throws ERR_FLEET_INPUT when the folder holds another town */
  load(town: string): SavedFleet | undefined {
    const bytes = this.#read('fleet.bin');
    if (bytes === undefined) return undefined;
    const saved = this.#decode<SavedFleet>('fleet.bin', bytes);
    if (saved.version !== 1 || saved.town !== town) {
      throw new FleetInputError(`${this.#dir}: another town lives here. Use its seed and size, or name another --state folder.`);
    }
    return saved;
  }

  /** When the town that lives here began, UTC ms: it is resumed from there, whenever that is. */
  begun(): number | undefined {
    const bytes = this.#read('fleet.bin');
    return bytes === undefined ? undefined : this.#decode<SavedFleet>('fleet.bin', bytes).truth?.start;
  }

  /** @param fleet asked only where there is a folder */
  save(fleet: () => SavedFleet): void {
    if (this.#dir !== undefined) this.#write('fleet.bin', serialize(fleet()));
  }

  loadCounts(): SavedCounts | undefined {
    const bytes = this.#read('counts.bin');
    return bytes === undefined ? undefined : this.#decode<SavedCounts>('counts.bin', bytes);
  }

  saveCounts(counts: () => SavedCounts): void {
    if (this.#dir !== undefined) this.#write('counts.bin', serialize(counts()));
  }

  /** @param index number of the meter in the town */
  nvram(index: number): Nvram {
    return this.#nvram?.slot(index) ?? new MemoryNvram();
  }

  spool(dcId: string): Spool {
    return this.#dir === undefined ? new MemorySpool() : new DiskSpool(join(this.#dir, 'spool', dcId));
  }

  #decode<T>(name: string, bytes: Buffer): T {
    try {
      return deserialize(bytes) as T;
    } catch (cause) {
      throw new FleetInputError(`${this.#dir}/${name}: the fleet's state is damaged. Remove the folder to begin anew.`, cause);
    }
  }

  #read(name: string): Buffer | undefined {
    if (this.#dir === undefined) return undefined;
    const path = join(this.#dir, name);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  #write(name: string, bytes: Buffer): void {
    if (this.#dir !== undefined) replaceFile(join(this.#dir, name), bytes);
  }
}

function replaceFile(path: string, bytes: Buffer): void {
  const next = `${path}.next`;
  writeFileSync(next, bytes, { mode: 0o600 });
  renameSync(next, path);
}
