import { parseDecimal } from '../decimal.ts';
import { quoted } from '../problem.ts';
import type { Fields } from './fields.ts';
import type { Nem12Channel, Nem12Transaction, NemVisitor, QualityRun } from './model.ts';
import { readQuality } from './quality.ts';
import { readRegister } from './register.ts';

const MINUTES_PER_DAY = 1_440;
/** MDFF has 5, 15 and 30; files in use have others too, for voltage. */
const INTERVALS = [5, 10, 15, 20, 30, 60];
const LOOKS_LIKE_QUALITY = /^[A-Z]\d{0,2}$/;

/** A 300 record whose 400 and 500 records may still follow. */
interface OpenDay {
  readonly fields: Fields;
  readonly date: string;
  readonly values: (number | null)[];
  /** Of the whole day, where the record states one. */
  readonly whole: QualityRun | undefined;
  readonly updatedAt: string;
  readonly loadedAt: string;
  readonly runs: QualityRun[];
  readonly transactions: Nem12Transaction[];
  /** A problem in it or its records: never handed out. */
  bad: boolean;
}

/** Records 200, 300, 400 and 500. A day is handed out when the next record shows that it is whole, and only if nothing in it is wrong. */
export class Nem12Reader {
  readonly #visitor: Pick<NemVisitor, 'channel' | 'day'>;
  #channel: Nem12Channel | undefined;
  /** A 200 record came, but a bad one: what belongs to it can't be judged. */
  #channelBad = false;
  #day: OpenDay | undefined;
  readonly #seen = new Map<string, Set<string>>();
  #dates = new Set<string>();

  constructor(visitor: Pick<NemVisitor, 'channel' | 'day'>) {
    this.#visitor = visitor;
  }

  /** @returns false for a record that NEM12 doesn't have */
  record(fields: Fields): boolean {
    switch (fields.at(0)) {
      case '200':
        this.#readChannel(fields);
        return true;
      case '300':
        this.#readDay(fields);
        return true;
      case '400':
        this.#readEvent(fields);
        return true;
      case '500':
        this.#readTransaction(fields);
        return true;
      default:
        return false;
    }
  }

  /** A line that can't be read: what follows may belong to it. */
  unreadable(): void {
    this.closeDay();
    this.#channel = undefined;
    this.#channelBad = true;
  }

  closeDay(): void {
    const day = this.#day;
    this.#day = undefined;
    const channel = this.#channel;
    if (day === undefined || channel === undefined) return;
    const runs = this.#runsOf(day);
    checkNoData(day, runs);
    if (day.bad || day.fields.bad) return;
    const { date, values, updatedAt, loadedAt, transactions } = day;
    this.#visitor.day({ date, values, quality: runs, updatedAt, loadedAt, transactions }, day.fields.line);
  }

  #readChannel(fields: Fields): void {
    this.closeDay();
    const register = readRegister(fields, { unit: 7, nextRead: 9 });
    const minutes = INTERVALS.find((interval) => String(interval) === fields.at(8));
    if (minutes === undefined) fields.fault(8, `interval length ${quoted(fields.at(8))}`, 'write 5, 15 or 30 minutes');
    fields.endsBefore(10, '200');
    this.#channelBad = fields.bad;
    this.#channel = undefined;
    if (fields.bad) return;
    const key = `${register.nmi} ${register.suffix} ${register.serial} ${register.registerId}`;
    this.#dates = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, this.#dates);
    this.#channel = { ...register, minutes: minutes! };
    this.#visitor.channel(this.#channel, fields.line);
  }

  #readDay(fields: Fields): void {
    this.closeDay();
    const channel = this.#channel;
    if (channel === undefined) {
      if (!this.#channelBad) fields.fault(0, 'a 300 record before any 200 record', 'put the 200 record of its channel before it');
      return;
    }
    const slots = MINUTES_PER_DAY / channel.minutes;
    const date = fields.date(1, 'interval date', 'required');
    if (this.#dates.has(date))
      fields.fault(1, `${date} is there twice for ${channel.nmi} ${channel.suffix}`, 'keep one version of the day');
    else if (date !== '') this.#dates.add(date);
    const counted = hasSlots(fields, slots, channel.minutes);
    const tail = 2 + slots;
    const varies = fields.at(tail) === 'V';
    this.#day = {
      fields,
      date,
      values: counted ? readValues(fields, slots, channel) : [],
      whole: !counted || varies ? undefined : { first: 0, last: slots - 1, ...readQuality(fields, tail) },
      updatedAt: counted ? fields.stamp(tail + 3, 'update instant', 'optional') : '',
      loadedAt: counted ? fields.stamp(tail + 4, 'load instant', 'optional') : '',
      runs: [],
      transactions: [],
      bad: !counted,
    };
    if (counted) fields.endsBefore(tail + 5, '300');
  }

  /** Record 400: which of the day's slots have which quality. */
  #readEvent(fields: Fields): void {
    const day = this.#dayOf(fields);
    if (day === undefined) return;
    const slots = day.values.length;
    const next = (day.runs.at(-1)?.last ?? -1) + 2;
    const [first, last] = [1, 2].map((i) => Number(fields.pattern(i, 'interval', /^\d{1,4}$/, `write a number from 1 to ${slots}`)));
    if (!fields.bad && first !== next)
      fields.fault(1, `interval ${first}, but ${next} is next`, 'let 400 records follow each other without a gap');
    else if (!fields.bad && (last! < first! || last! > slots))
      fields.fault(2, `interval ${last}`, `write a number from ${first} to ${slots}`);
    const quality = readQuality(fields, 3);
    const { whole } = day;
    if (!fields.bad && whole !== undefined && (whole.flag !== quality.flag || whole.method !== quality.method))
      fields.fault(3, 'another quality than the 300 record states for the whole day', 'write V in the 300 record');
    fields.endsBefore(6, '400');
    day.bad ||= fields.bad;
    if (!fields.bad) day.runs.push({ first: first! - 1, last: last! - 1, ...quality });
  }

  #readTransaction(fields: Fields): void {
    const day = this.#dayOf(fields);
    if (day === undefined) return;
    day.transactions.push({
      code: fields.pattern(1, 'transaction code', /^[A-Z]$/, 'write one capital letter, e.g. O'),
      serviceOrder: fields.text(2, 'service order'),
      readAt: fields.stamp(3, 'read instant', 'optional'),
      indexRead: fields.pattern(4, 'index read', /^[\d.]{0,15}$/, 'write the digits of the register, or nothing'),
    });
    fields.endsBefore(5, '500');
    day.bad ||= fields.bad;
  }

  #dayOf(fields: Fields): OpenDay | undefined {
    const day = this.#day;
    if (day === undefined && !this.#channelBad)
      fields.fault(0, `a ${fields.at(0)} record without a 300 record`, 'put the 300 record of its day before it');
    return day === undefined || day.bad ? undefined : day;
  }

  #runsOf(day: OpenDay): readonly QualityRun[] {
    if (day.runs.length === 0 && day.whole !== undefined) return [day.whole];
    const next = (day.runs.at(-1)?.last ?? -1) + 1;
    const slots = day.values.length;
    if (!day.bad && next < slots)
      day.fields.fault(2 + slots, `no 400 record says the quality of interval ${next + 1}`, 'cover every interval with 400 records');
    return day.runs;
  }
}

/** Exactly as many values as the interval length gives, judged by where the quality stands. */
function hasSlots(fields: Fields, slots: number, minutes: number): boolean {
  const tail = 2 + slots;
  const { length } = fields.texts;
  const quality = fields.texts.findIndex((text, i) => i >= 2 && !beginsAsNumber(text) && LOOKS_LIKE_QUALITY.test(text.trim()));
  if (quality === tail) return true;
  if (quality === -1 && length >= tail) {
    fields.fault(tail, 'quality is missing or not one', 'write it right behind the values, e.g. A, S14 or V');
  } else {
    const found = Math.max((quality === -1 ? length : quality) - 2, 0);
    fields.fault(2 + Math.min(found, slots), `${found} values`, `give ${slots}: a day of ${minutes} minutes each, then the quality`);
  }
  return false;
}

/** Most fields do: this spares the others' test. */
function beginsAsNumber(text: string): boolean {
  const code = text.charCodeAt(0);
  return code >= 0x2e && code <= 0x39;
}

/** An empty value is no data, which the quality has to say. */
function readValues(fields: Fields, slots: number, { unit }: Nem12Channel): (number | null)[] {
  const values: (number | null)[] = [];
  for (let i = 0; i < slots; i++) {
    const value = parseDecimal(fields.at(2 + i), unit.decimals);
    if (typeof value === 'number') values.push(value);
    else values.push(value === 'empty' ? null : fields.quantity(2 + i, `value of interval ${i + 1}`, unit));
  }
  return values;
}

/** No value where the quality is N, and a value where it isn't. */
function checkNoData(day: OpenDay, runs: readonly QualityRun[]): void {
  const { fields, values } = day;
  if (day.bad || fields.bad) return;
  for (const { first, last, flag } of runs) {
    for (let i = first; i <= last; i++) {
      const value = values[i]!;
      if (flag === 'N' && value !== 0 && value !== null)
        fields.fault(2 + i, `interval ${i + 1} has a value and quality N, no data`, 'write 0, or the quality that the value has');
      if (flag === 'N') values[i] = null;
      else if (value === null)
        fields.fault(2 + i, `value of interval ${i + 1} is missing`, 'give a value; for no data give 0 and quality N');
    }
  }
}
