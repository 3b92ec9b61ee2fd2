import type * as z from 'zod';
import type { DomainEvent } from '../../../events/index.ts';
import type { Envelope } from '../../../platform/store/envelope.ts';
import { ProofFault } from '../proof-fault.ts';
import { ACCOUNT_EVENT } from './account.ts';
import { BILL_EVENT } from './bill.ts';
import { METER_DAY_EVENT } from './meter-day.ts';
import { TARIFF_EVENT } from './tariff.ts';
import { USAGE_POINT_EVENT } from './usage-point.ts';

/** By the first part of a stream's name; a proof has no others. */
const KINDS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['bill', BILL_EVENT],
  ['meterday', METER_DAY_EVENT],
  ['account', ACCOUNT_EVENT],
  ['usagepoint', USAGE_POINT_EVENT],
  ['tariff', TARIFF_EVENT],
]);

/**
 * Holds the events of a commit against the types that every check after this one believes: CBOR gives whatever was written.
 * @throws ProofFault `streams` for an event of another kind than its stream, `shape` for one that is not as its kind is. No value is told: it is of
 * whoever wrote it.
 */
export function checkShapes({ stream, version }: Pick<Envelope, 'stream' | 'version'>, events: readonly DomainEvent[]): void {
  const kind = KINDS.get(stream.split('/', 1)[0]!);
  if (kind === undefined) throw new ProofFault('streams', `${stream}: no bill rests on such a stream`);
  if (!isTree(events)) throw new ProofFault('shape', `${stream}: the commit at version ${version} has one value in two places`);
  for (const [i, event] of events.entries()) {
    const { error } = kind.safeParse(event);
    if (error === undefined) continue;
    const [first, ...rest] = error.issues[0]!.path;
    if (first !== 'data')
      throw new ProofFault('streams', `${stream}: the event at version ${version + i} is of another kind than the stream`);
    const where = rest.length === 0 ? '' : ` at ${rest.map(segment).join('.')}`;
    throw new ProofFault('shape', `${stream}: ${event.type}, at version ${version + i}, does not have the shape of its kind${where}`);
  }
}

/** Keys of records are of whoever wrote them, as values are. */
function segment(key: PropertyKey): string {
  return /^[A-Za-z0-9]{1,32}$/.test(String(key)) ? String(key) : '?';
}

/** CBOR can have one value stand in many places, and within itself: to walk through such a one has no end. */
function isTree(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  if (seen.has(value)) return false;
  seen.add(value);
  return Object.values(value).every((one) => isTree(one, seen));
}
