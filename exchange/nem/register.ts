import type { Fields } from './fields.ts';
import type { NemRegister } from './model.ts';
import { type NemUnit, nemUnit } from './units.ts';

/** MDFF has 10 letters and digits; ids of meters here have 16, those of usage points up to 64 with dash and underline. */
const NMI = /^[A-Za-z0-9_-]{1,64}$/;
const SUFFIX = /^[A-Za-z0-9]{2}$/;
/** Where the unit is wrong, the quantity isn't blamed for it. */
const NO_UNIT: NemUnit = { name: '', base: undefined, decimals: 5 };

/** What records 200 and 250 say of the register; they have the first six fields in common. */
export function readRegister(fields: Fields, at: { unit: number; nextRead: number }): NemRegister {
  const unit = nemUnit(fields.at(at.unit));
  if (unit === undefined) fields.fault(at.unit, `unit of measure "${fields.at(at.unit)}"`, 'write a unit of MDFF, e.g. kWh or kVArh');
  return {
    nmi: fields.pattern(1, 'NMI', NMI, 'write the National Metering Identifier: 10 letters and digits'),
    configuration: fields.text(2, 'NMI configuration'),
    registerId: fields.text(3, 'register id'),
    suffix: fields.pattern(4, 'NMI suffix', SUFFIX, 'write two characters, e.g. E1'),
    stream: fields.text(5, 'data stream identifier'),
    serial: fields.text(6, 'meter serial number'),
    unit: unit ?? NO_UNIT,
    nextRead: fields.date(at.nextRead, 'next scheduled read date', 'optional'),
  };
}
