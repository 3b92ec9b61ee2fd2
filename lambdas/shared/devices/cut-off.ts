import { type CutOff, cutOffOf } from '../../../domain/enrolment/quarantine.ts';

interface CutOffBody extends CutOff {
  /** ISO 8601. */
  readonly since: string;
}

/** @param thing `m-<meterId>` or `dc-<dcId>` */
export function namedDevice(thing: string): { readonly kind: 'meter' | 'concentrator'; readonly id: string } {
  return thing.startsWith('m-') ? { kind: 'meter', id: thing.slice(2) } : { kind: 'concentrator', id: thing.slice(3) };
}

/** A quarantine as doors tell of it. @param since UTC ms */
export function cutOffBody({ reason, since }: { readonly reason: string; readonly since: number }): CutOffBody {
  return { since: new Date(since).toISOString(), ...cutOffOf(reason) };
}
