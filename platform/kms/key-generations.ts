import type { KmsKey } from '../../topology/keys.ts';
import { kmsError } from './kms-errors.ts';

const DAY_MS = 86_400_000;

/** Whether a key has generations that end: halves of other people's keys or signatures hang on them, so they overlap. */
export function hasGenerations({ usage }: Pick<KmsKey, 'usage'>): boolean {
  return usage === 'key-agreement' || usage === 'sign-verify';
}

/**
 * Until when a generation works beside its successor: for the overlap, and never beside the one after that.
 * @param later when the generations after it were made, UTC ms, oldest first @returns UTC ms; undefined for the newest
 */
export function acceptedUntil({ overlapDays }: Pick<KmsKey, 'overlapDays'>, later: readonly number[]): number | undefined {
  const [successor, second] = later;
  if (successor === undefined) return undefined;
  const overlapEnd = successor + overlapDays * DAY_MS;
  return Math.min(overlapEnd, second ?? overlapEnd);
}

/** `agreement-2` is one generation, `agreement` the newest; symmetric keys have no generations to name. @throws ERR_KMS_NOT_FOUND */
export function keyNamed(specs: ReadonlyMap<string, KmsKey>, keyId: string): { readonly spec: KmsKey; readonly generation?: number } {
  const whole = specs.get(keyId);
  if (whole !== undefined) return { spec: whole };
  const [, id = '', generation] = /^(.+)-([1-9]\d{0,5})$/.exec(keyId) ?? [];
  const spec = specs.get(id);
  if (spec === undefined || !hasGenerations(spec)) throw kmsError('ERR_KMS_NOT_FOUND');
  return { spec, generation: Number(generation) };
}
