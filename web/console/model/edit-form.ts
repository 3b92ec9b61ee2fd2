import type { EditRequest, PreviewRequest, UndoRequest } from '../../../api/edits.ts';
import type { DayChange } from './versioned.ts';

export type EditKind = EditRequest['kind'];
export type EditReason = EditRequest['reason'];
export type EditMethod = Extract<EditRequest, { kind: 'estimate' }>['method'];

/** What a person has put in. Energies as typed. */
export interface EditForm {
  readonly kind: EditKind;
  readonly method: EditMethod;
  readonly channel: number;
  /** Rises. */
  readonly slots: readonly number[];
  readonly values: string;
  readonly reason: EditReason | '';
  readonly note: string;
}

export type FormFault = 'no-slots' | 'no-reason' | 'note-wanted' | 'values-number' | 'values-count' | 'values-whole' | 'values-step';

/** In the order of the ladder. */
export const METHODS = Object.keys({
  E1: 1,
  E2: 1,
  E3: 1,
  E4: 1,
  E5: 1,
  E7: 1,
  E8: 1,
  E9: 1,
  E10: 1,
} satisfies Record<EditMethod, 1>) as readonly EditMethod[];

export const REASONS = Object.keys({
  'meter-read': 1,
  'meter-fault': 1,
  'communication-fault': 1,
  'supply-outage': 1,
  'validation-too-strict': 1,
  'customer-agreed': 1,
  mistake: 1,
  other: 1,
} satisfies Record<EditReason, 1>) as readonly EditReason[];

/** Why somebody acts. */
export function reasonFaults({ reason, note }: Pick<EditForm, 'reason' | 'note'>): readonly FormFault[] {
  if (reason === '') return ['no-reason'];
  return reason === 'other' && note.trim() === '' ? ['note-wanted'] : [];
}

/** @returns what is sent, or `undefined` while the form has faults */
export function reasonedOf({ reason, note }: Pick<EditForm, 'reason' | 'note'>): UndoRequest | undefined {
  return reason === '' || reasonFaults({ reason, note }).length > 0 ? undefined : { reason, note };
}

/** Typed energies, one for each slot: separated by spaces, commas, semicolons or lines. One alone stands for all slots. */
export function valuesOf(values: string, slots: number): readonly number[] {
  const given = values
    .split(/[\s,;]+/)
    .filter((value) => value !== '')
    .map(Number);
  return given.length === 1 && slots > 1 ? Array.from({ length: slots }, () => given[0]!) : given;
}

/** @param perCount energy of one count of the channel */
export function faultsOf(form: EditForm, perCount: number): readonly FormFault[] {
  const faults: FormFault[] = form.slots.length === 0 ? ['no-slots'] : [];
  if (form.kind === 'values' || form.kind === 'agreed')
    faults.push(...valueFaults(valuesOf(form.values, form.slots.length), form, perCount));
  return [...faults, ...reasonFaults(form)];
}

function valueFaults(values: readonly number[], { slots }: EditForm, perCount: number): FormFault[] {
  if (values.some((value) => Number.isNaN(value))) return ['values-number'];
  if (values.some((value) => !Number.isSafeInteger(value) || value < 0)) return ['values-whole'];
  if (values.length !== slots.length) return ['values-count'];
  return values.some((value) => !Number.isInteger(value / perCount)) ? ['values-step'] : [];
}

/** @returns what is sent, or `undefined` while the form has faults */
export function requestOf(form: EditForm, perCount: number): EditRequest | undefined {
  const reasoned = reasonedOf(form);
  if (reasoned === undefined || faultsOf(form, perCount).length > 0) return undefined;
  const { kind, channel, method } = form;
  const slots = [...form.slots];
  const of = { channel, slots, ...reasoned };
  if (kind === 'accept') return { kind, ...of };
  if (kind === 'estimate') return { kind, method, ...of };
  return { kind, ...of, energyWh: [...valuesOf(form.values, slots.length)] };
}

/** What a person is about to do to a day. */
export type Intent = { readonly does: 'edit' } | { readonly does: 'undo'; readonly edit: number } | { readonly does: 'finalize' };

/** The same thing to look at beforehand, and to do. */
export interface Plan {
  readonly preview: PreviewRequest;
  readonly change: DayChange;
}

/** @returns `undefined` while the form has faults */
export function planOf(intent: Intent, form: EditForm, perCount: number): Plan | undefined {
  if (intent.does === 'edit') {
    const body = requestOf(form, perCount);
    return body && { preview: body, change: { change: 'editDay', body } };
  }
  const body = reasonedOf(form);
  if (body === undefined) return undefined;
  if (intent.does === 'finalize') return { preview: { kind: 'finalize', ...body }, change: { change: 'finalizeDay', body } };
  const { edit } = intent;
  return { preview: { kind: 'undo', edit, ...body }, change: { change: 'undoEdit', edit, body } };
}

export function intentFaults(intent: Intent, form: EditForm, perCount: number): readonly FormFault[] {
  return intent.does === 'edit' ? faultsOf(form, perCount) : reasonFaults(form);
}
