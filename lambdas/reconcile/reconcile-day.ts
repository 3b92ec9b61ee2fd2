import { createHash } from 'node:crypto';
import type { AccessReconciled, AuditEvent } from '../../events/index.ts';
import type { KmsRecord } from '../../platform/ports/kms-record.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { requestsAround } from '../shared/access/verification-requests.ts';
import { CallJudge } from './judge-calls.ts';
import { accessesAround } from './recorded-accesses.ts';

/** Findings of one commit. */
const FINDINGS = 100;

/**
 * Holds a day of the key service's record against the accesses on record, and records what came of it in `audit/<day>`: findings first, the
 * outcome last. What broke off before that is done again, and no finding is there twice.
 * @param after where the record stood at the end of the day before
 * @source X.1332 10.1 (access to metering data is controlled)
 */
export async function reconcileDay(
  platform: Platform,
  record: KmsRecord,
  { accessReconciliation }: Pick<Defences, 'accessReconciliation'>,
  day: string,
  after: string | undefined,
): Promise<AccessReconciled> {
  const at = platform.clock.now();
  const requests = await requestsAround(platform.events, Date.parse(day));
  const judge = new CallJudge(await accessesAround(platform, day), requests, at);
  const { end, calls, faults } = await record.readDay(day, after, (call) => judge.take(call));
  const unexplained = accessReconciliation ? judge.unexplained() : [];
  const findings: AuditEvent[] = [
    ...unexplained.map((data) => ({ type: 'AccessUnexplained' as const, data })),
    ...faults.map((fault) => ({ type: 'KeyRecordDoubted' as const, data: { ...fault, at } })),
  ];
  const { openings, verified, refused } = judge;
  const unasked = accessReconciliation ? judge.unasked : 0;
  const counts = { calls, openings, verified, unasked, refused, unexplained: unexplained.length, doubts: faults.length };
  const outcome = { day, end, ...counts, at };
  await keep(platform, `audit/${day}`, findings, outcome);
  return outcome;
}

async function keep({ events }: Platform, stream: string, findings: readonly AuditEvent[], outcome: AccessReconciled): Promise<void> {
  const known = new Set<string>();
  for await (const commit of events.read(stream)) for (const event of commit.events) known.add(nameOf(event as AuditEvent));
  const left = findings.filter((event) => !known.has(nameOf(event)));
  for (let i = 0; i < left.length; i += FINDINGS) await append(events, stream, left.slice(i, i + FINDINGS));
  await append(events, stream, [{ type: 'AccessReconciled', data: outcome }]);
}

async function append(events: Platform['events'], stream: string, facts: readonly AuditEvent[]): Promise<void> {
  const commitId = createHash('sha256')
    .update(JSON.stringify([stream, facts.map(nameOf)]))
    .digest();
  await events.append(await events.head(stream), { commitId, events: facts }).durable;
}

/** The same finding of the same day, whenever it is made. */
function nameOf({ type, data }: AuditEvent): string {
  if (type === 'AccessUnexplained') return JSON.stringify([type, data.principal, data.operation, data.row]);
  return type === 'KeyRecordDoubted' ? JSON.stringify([type, data.fault, data.from, data.until]) : type;
}
