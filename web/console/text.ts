import { createMessages } from '../shared/i18n.ts';
import { AUDIT } from './texts/audit.ts';
import { BILLS } from './texts/bills.ts';
import { COMMON } from './texts/common.ts';
import { DEVICES } from './texts/devices.ts';
import { EXCEPTIONS } from './texts/exceptions.ts';
import { FEEDERS } from './texts/feeders.ts';
import { METER } from './texts/meter.ts';
import { OPERATION } from './texts/operation.ts';
import { OVERVIEW } from './texts/overview.ts';

const en = { ...COMMON, ...OVERVIEW, ...EXCEPTIONS, ...BILLS, ...METER, ...DEVICES, ...FEEDERS, ...OPERATION, ...AUDIT };

export type TextKey = keyof typeof en;

/** The console speaks the language of those who run the service. */
export const t = createMessages<TextKey>({ en, de: en, fr: en });

/** A text that belongs to a value of the service, or the value itself where there is none yet. */
export function wordOf(family: string, value: string): string {
  const key = `${family}.${value}`;
  return Object.hasOwn(en, key) ? t(key as TextKey) : value;
}
