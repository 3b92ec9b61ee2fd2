import type { RecordedAccesses } from '../../domain/audit/openings.ts';
import type { AccessUnexplained, VerificationRequested } from '../../events/index.ts';
import type { KmsCall } from '../../platform/ports/kms-record.ts';
import { SUBJECT_KEK, subjectOfRow } from '../../platform/ports/subject-rows.ts';
import { isCovered } from '../shared/access/verification-requests.ts';
import { openFor } from './recorded-accesses.ts';

/** Opens to check tags, shows nothing, and may not write that it did: it is counted, and held against what others wrote. */
const VERIFIES = 'auditor';
/** Operations after which whoever asked holds the key. */
const OPENS: readonly string[] = ['decrypt', 'generateDataKey'];

/** Holds the calls of a day, one after the other, against the accesses on record. */
export class CallJudge {
  openings = 0;
  verified = 0;
  /** Of these, such as nobody had said that they would verify. */
  unasked = 0;
  refused = 0;
  readonly #accesses: RecordedAccesses;
  readonly #requests: readonly VerificationRequested[];
  readonly #at: number;
  readonly #unexplained = new Map<string, AccessUnexplained>();

  /** @param at UTC ms of the findings */
  constructor(accesses: RecordedAccesses, requests: readonly VerificationRequested[], at: number) {
    this.#accesses = accesses;
    this.#requests = requests;
    this.#at = at;
  }

  take(call: KmsCall): void {
    if (!OPENS.includes(call.operation)) return;
    const row = call.context?.['row'] ?? '';
    const key = subjectOfRow(row);
    // What is bound to a subject and is no row of theirs is theirs all the same, and so is whatever their key wraps.
    const subject = call.context?.['subject'] ?? key?.subject ?? (call.keyId.startsWith(SUBJECT_KEK) ? '' : undefined);
    if (subject === undefined) return;
    if (call.outcome !== 'ok') {
      this.refused++;
      return;
    }
    this.openings++;
    const { principal, at } = call;
    const opening = { principal, subject, at, ...(key?.of === 'usage' ? { month: key.month } : {}) };
    const isOnRecord = this.#accesses.explain(opening, openFor(principal));
    if (principal === VERIFIES) {
      this.verified++;
      // One finding for all of them: it may be every key there is.
      if (!isOnRecord && !isCovered(this.#requests, at)) this.unasked++;
    } else if (!isOnRecord) this.#note(call, subject, row);
  }

  unexplained(): readonly AccessUnexplained[] {
    return [...this.#unexplained.values()];
  }

  #note({ principal, operation, at }: KmsCall, subject: string, row: string): void {
    const name = JSON.stringify([principal, operation, row]);
    const known = this.#unexplained.get(name);
    const first = Math.min(known?.first ?? at, at);
    const last = Math.max(known?.last ?? at, at);
    this.#unexplained.set(name, { principal, operation, subject, row, times: (known?.times ?? 0) + 1, first, last, at: this.#at });
  }
}
