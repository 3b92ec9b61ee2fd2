import type { Fields } from './fields.ts';
import type { Nem13Read, Nem13RegisterRead, Nem13Transaction, NemVisitor } from './model.ts';
import { readQuality } from './quality.ts';
import { readRegister } from './register.ts';

/** Records 250 and 550. A read is handed out when the next record shows that it is whole, and only if nothing in it is wrong. */
export class Nem13Reader {
  readonly #visitor: Pick<NemVisitor, 'read'>;
  #read: { read: Omit<Nem13Read, 'transactions'>; transactions: Nem13Transaction[]; line: number; bad: boolean } | undefined;
  /** What came last can't be judged: neither can what belongs to it. */
  #unsure = false;

  constructor(visitor: Pick<NemVisitor, 'read'>) {
    this.#visitor = visitor;
  }

  /** @returns false for a record that NEM13 doesn't have */
  record(fields: Fields): boolean {
    if (fields.at(0) === '250') this.#readConsumption(fields);
    else if (fields.at(0) === '550') this.#readTransaction(fields);
    else return false;
    return true;
  }

  unreadable(): void {
    this.closeRead();
    this.#unsure = true;
  }

  closeRead(): void {
    if (this.#read !== undefined && !this.#read.bad) {
      const { read, transactions, line } = this.#read;
      this.#visitor.read({ ...read, transactions }, line);
    }
    this.#read = undefined;
  }

  #readConsumption(fields: Fields): void {
    this.closeRead();
    const register = readRegister(fields, { unit: 19, nextRead: 20 });
    const read = {
      ...register,
      direction: fields.pattern(7, 'direction', /^[EI]$/, 'write E or I') as 'E' | 'I',
      previous: readRegisterRead(fields, 8, 'previous'),
      current: readRegisterRead(fields, 13, 'current'),
      quantity: fields.quantity(18, 'quantity', register.unit) ?? 0,
      updatedAt: fields.stamp(21, 'update instant', 'optional'),
      loadedAt: fields.stamp(22, 'load instant', 'optional'),
    };
    if (!fields.bad && read.current.at < read.previous.at)
      fields.fault(14, 'the current read is before the previous one', 'check both instants');
    fields.endsBefore(23, '250');
    this.#unsure = fields.bad;
    this.#read = { read, transactions: [], line: fields.line, bad: fields.bad };
  }

  #readTransaction(fields: Fields): void {
    const read = this.#read;
    if (read === undefined) {
      if (!this.#unsure) fields.fault(0, 'a 550 record without a 250 record', 'put the 250 record of its read before it');
      return;
    }
    const code = (i: number, name: string) => fields.pattern(i, name, /^[A-Z]?$/, 'write one capital letter, or nothing');
    read.transactions.push({
      previousCode: code(1, 'previous transaction code'),
      previousServiceOrder: fields.text(2, 'previous service order'),
      currentCode: code(3, 'current transaction code'),
      currentServiceOrder: fields.text(4, 'current service order'),
    });
    fields.endsBefore(5, '550');
    read.bad ||= fields.bad;
  }
}

function readRegisterRead(fields: Fields, i: number, which: string): Nem13RegisterRead {
  return {
    register: fields.pattern(i, `${which} register read`, /^\d{1,15}(?:\.\d{1,5})?$/, 'write the digits that the register shows'),
    at: fields.stamp(i + 1, `instant of the ${which} read`, 'required'),
    quality: readQuality(fields, i + 2, `quality of the ${which} read`),
  };
}
