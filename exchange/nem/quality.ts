import type { Fields } from './fields.ts';
import type { NemFlag, NemQuality } from './model.ts';

/** Flag, and for E, F and S the two digits of the method. @source MDFF NEM12 & NEM13, QualityMethod */
const QUALITY_METHOD = /^(?:[AN]|[EFS]\d{2})$/;
const REMEDY = 'write A or N, or E, F or S with a method of two digits, e.g. S14';

/** Fields QualityMethod, ReasonCode, ReasonDescription, from field i on. */
export function readQuality(fields: Fields, i: number, name = 'quality'): NemQuality {
  const text = fields.pattern(i, name, QUALITY_METHOD, REMEDY);
  return { flag: text.charAt(0) as NemFlag, method: text.length === 3 ? Number(text.slice(1)) : null, ...readReason(fields, i + 1) };
}

function readReason(fields: Fields, i: number): Pick<NemQuality, 'reasonCode' | 'reasonText'> {
  const code = fields.pattern(i, 'reason code', /^\d{0,3}$/, 'write up to three digits, or nothing');
  return { reasonCode: code === '' ? null : Number(code), reasonText: fields.text(i + 1, 'reason description') };
}

export function qualityMethod({ flag, method }: NemQuality): string {
  return method === null ? flag : `${flag}${String(method).padStart(2, '0')}`;
}
