import { setImmediate } from 'node:timers/promises';
import { JoulekeepError } from '../../events/errors.ts';
import type { CommitTrace, EventStore } from '../../platform/ports/event-store.ts';
import { takenBackStream } from '../../protocol/log/entry.ts';
import { TILE_WIDTH } from '../../protocol/log/tiles.ts';
import { sideBySide } from '../shared/side-by-side.ts';
import { AgainstLog } from './against-log.ts';
import type { Placed } from './proven-log.ts';
import type { Restores } from './restores.ts';

/** Something that is not as it was logged. */
export interface Finding {
  /** Whose commit it is; absent where it is the log itself. */
  readonly stream?: string;
  /** As `joulekeep verify` says it. */
  readonly says: string;
  /** Bundles of entries in which it may be put right: they are looked at again until it is. */
  readonly bundles: readonly number[];
}

export interface Holding {
  readonly events: Pick<EventStore, 'traceAt' | 'anchor'>;
  readonly restores: Restores;
}

/** Holds entries of the log, in their order, against what lies in the places they name. @returns the first difference of each stream */
export async function holdStore(holding: Holding, entries: readonly Placed[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const commits: Placed[] = [];
  for (const entry of entries)
    if (takenBackStream(entry) === undefined) commits.push(entry);
    else if (!(await holding.restores.accountFor(entry))) findings.push(unaccounted(entry));
  const streams = [...Map.groupBy(commits, ({ stream }) => stream)];
  const found = await sideBySide(streams, async ([stream, logged]) => await new StreamHeld(holding, stream).hold(logged));
  return [...findings, ...found.flat()];
}

/** One stream, held against some entries of the log that follow each other. */
class StreamHeld {
  readonly #holding: Holding;
  readonly #stream: string;
  readonly #traces = new Map<number, CommitTrace>();
  /** Entries that nothing accounts for but what lies there. */
  readonly #logged: Placed[] = [];
  /** Of these, what nothing accounts for at all. */
  readonly #doubted: Placed[] = [];
  #deletedTo: number | 'unsigned' | undefined;

  constructor(holding: Holding, stream: string) {
    this.#holding = holding;
    this.#stream = stream;
  }

  async hold(entries: readonly Placed[]): Promise<readonly Finding[]> {
    /** Where the commit behind the last one begins, where that is known. */
    let next: number | undefined;
    for (const entry of entries) {
      // The log went on without it.
      if (next !== undefined && next < entry.version) await this.#look(next);
      next = await this.#holdEntry(entry);
      // In one process others are waited for.
      await setImmediate();
    }
    return this.#findings();
  }

  /** @returns where the next commit begins, when this one is as it was logged */
  async #holdEntry(entry: Placed): Promise<number | undefined> {
    if (this.#isDeleted(entry)) return undefined;
    const trace = await this.#look(entry.version);
    const isAsLogged = trace !== undefined && trace.fault === undefined && trace.hash.equals(entry.hash);
    if (!isAsLogged && (await this.#isAccountedFor(entry))) {
      // What lies there instead has an entry of its own.
      this.#traces.delete(entry.version);
      return undefined;
    }
    this.#logged.push(entry);
    if (isAsLogged) return trace.version + trace.count;
    this.#doubted.push(entry);
    return undefined;
  }

  async #look(version: number): Promise<CommitTrace | undefined> {
    const trace = await this.#holding.events.traceAt(this.#stream, version);
    if (trace !== undefined) this.#traces.set(version, trace);
    return trace;
  }

  /** By a restore with its receipt, or by retention that signed for it. */
  async #isAccountedFor(entry: Placed): Promise<boolean> {
    if (await this.#holding.restores.tookAway(entry)) return true;
    this.#deletedTo ??= await this.#readDeletedTo();
    return this.#isDeleted(entry);
  }

  #isDeleted({ version }: Placed): boolean {
    return typeof this.#deletedTo === 'number' && version <= this.#deletedTo;
  }

  async #readDeletedTo(): Promise<number | 'unsigned'> {
    try {
      const anchor = await this.#holding.events.anchor(this.#stream);
      return anchor?.why === 'checkpoint' ? anchor.head.version : -1;
    } catch (error) {
      if (error instanceof JoulekeepError && error.code === 'ERR_ANCHOR_REFUSED') return 'unsigned';
      throw error;
    }
  }

  #findings(): readonly Finding[] {
    // Whatever was looked at and is not among these entries the log never had.
    const against = new AgainstLog(new Map([[this.#stream, this.#logged]]), 0, 0);
    const traces = [...this.#traces.values()].sort((a, b) => a.version - b.version);
    for (const trace of traces) against.walked({ stream: this.#stream, ...trace });
    const difference = against.differenceOf({ stream: this.#stream });
    const faulty = traces.find(({ fault }) => fault !== undefined);
    const faults = [
      ...(this.#deletedTo === 'unsigned' ? [{ version: this.#doubted[0]!.version, fault: 'unsigned' }] : []),
      ...(faulty === undefined ? [] : [{ version: faulty.version, fault: faulty.fault! }]),
      ...(difference === undefined ? [] : [difference]),
    ];
    const of = { stream: this.#stream, bundles: [...new Set(this.#doubted.map(({ index }) => bundleOf(index)))] };
    return faults.map(({ version, fault }) => ({ ...of, says: `version ${version}  ${fault}` }));
  }
}

function unaccounted({ index, version, ...entry }: Placed): Finding {
  const back = `takes ${takenBackStream(entry)} back from version ${version} on, and no receipt accounts for it`;
  return { says: `entry ${index}  ${back}`, bundles: [bundleOf(index)] };
}

const bundleOf = (index: number): number => Math.floor(index / TILE_WIDTH);
