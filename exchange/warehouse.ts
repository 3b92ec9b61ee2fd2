import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { stateOf } from './csv/readings-writer.ts';
import { refused } from './refused.ts';
import type { Lane, LaneSlots, Slot, Window } from './slots.ts';

const GROUP_ROWS = 100_000;
const FORMAT = 'joulekeep readings 1';

/** Why this data may leave, and by whose hand: it travels inside the file. */
export interface Disclosure {
  readonly who: string;
  readonly purpose: string;
  /** e.g. `GDPR Art. 6(1)(e)`, or the law or contract. */
  readonly legalBasis: string;
  readonly window: Window;
  /** Name and version of what wrote it. */
  readonly producer: string;
  /** UTC ms. */
  readonly at: number;
}

const COLUMNS: readonly SchemaElement[] = [
  text('usagePoint'),
  text('meterId'),
  { name: 'channel', type: 'INT32', repetition_type: 'REQUIRED' },
  text('direction'),
  text('unit'),
  { name: 'intervalEnd', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
  { name: 'minutes', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'energyWh', type: 'INT64', repetition_type: 'OPTIONAL' },
  text('source'),
  { name: 'confidence', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'revision', type: 'INT32', repetition_type: 'REQUIRED' },
  text('state'),
];

type Value = string | number | bigint | Date | null;

/**
 * Parquet for a data warehouse: a row per slot, Snappy, a row group per 100,000 rows, in the memory of one. `energyWh` is an
 * integer of `unit`, null where the source is `missing` or `held`; `source` is a slot source, with `+ES` where the register scaled it.
 * @throws ERR_EXPORT_REFUSED without who, purpose and legal basis, before a byte is written
 */
export class WarehouseWriter {
  readonly #bytes: FlushedWriter;
  readonly #parquet: ParquetWriter;
  readonly #window: Window;
  #columns: Value[][] = COLUMNS.map(() => []);

  constructor(write: (bytes: Uint8Array) => void, disclosure: Disclosure) {
    const kvMetadata = metadataOf(disclosure);
    this.#window = disclosure.window;
    this.#bytes = new FlushedWriter(write);
    const schema: SchemaElement[] = [{ name: 'readings', num_children: COLUMNS.length }, ...COLUMNS];
    this.#parquet = new ParquetWriter({ writer: this.#bytes, schema, kvMetadata, createdBy: disclosure.producer });
  }

  lane({ lane, slots }: LaneSlots): void {
    for (const slot of slots) {
      if (slot.end <= this.#window.from || slot.end > this.#window.until)
        throw refused('a slot outside of the window that the file states');
      rowOf(lane, slot).forEach((value, i) => {
        this.#columns[i]!.push(value);
      });
      if (this.#columns[0]!.length === GROUP_ROWS) this.#writeGroup();
    }
  }

  end(): void {
    this.#writeGroup();
    this.#parquet.finish();
  }

  #writeGroup(): void {
    if (this.#columns[0]!.length === 0) return;
    const columnData = COLUMNS.map(({ name }, i) => ({ name, data: this.#columns[i]! }));
    this.#parquet.write({ columnData, rowGroupSize: GROUP_ROWS });
    this.#columns = COLUMNS.map(() => []);
  }
}

/** Hands on what is encoded after each row group. */
class FlushedWriter extends ByteWriter {
  readonly #write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    super();
    this.#write = write;
  }

  flush(): void {
    this.#write(this.getBytes().slice());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

function text(name: string): SchemaElement {
  return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' };
}

function metadataOf({ who, purpose, legalBasis, window, producer, at }: Disclosure): { key: string; value: string }[] {
  for (const [name, value] of Object.entries({ who, purpose, 'legal basis': legalBasis }))
    if (value.trim() === '') throw refused(`an export for a warehouse states ${name}: give it`);
  const instant = (seconds: number) => new Date(seconds * 1000).toISOString();
  return Object.entries({
    format: FORMAT,
    who,
    purpose,
    legalBasis,
    windowFrom: instant(window.from),
    windowUntil: instant(window.until),
    producer,
    exportedAt: instant(at / 1000),
  }).map(([key, value]) => ({ key, value }));
}

function rowOf({ usagePoint, meterId, channel, direction, unit, minutes }: Lane, slot: Slot): Value[] {
  const { end, energyWh, source, scaled, confidence, revision, final } = slot;
  const energy = energyWh === null ? null : BigInt(energyWh);
  const told = scaled ? `${source}+ES` : source;
  return [usagePoint, meterId, channel, direction, unit, new Date(end * 1000), minutes, energy, told, confidence, revision, stateOf(final)];
}
