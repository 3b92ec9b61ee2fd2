import { JoulekeepError } from '../../events/index.ts';
import { type EnrolContext, takeRegistration } from './take-registration.ts';
import { takeViolation } from './take-violation.ts';

/**
 * One notice of the gateway: a certificate shown for the first time (queue `registrations`), or a device that left the limits of
 * topology/detection.ts (queue `violations`). @throws ERR_NOTICE for anything else
 */
export async function takeNotice(context: EnrolContext, body: string): Promise<void> {
  const notice = parsed(body);
  const { certificateId, thingName, behavior, violationEventType } = notice;
  if (typeof certificateId === 'string' && /^[0-9a-f]{64}$/.test(certificateId)) return takeRegistration(context, certificateId);
  if (typeof thingName !== 'string' || !/^[a-z0-9-]{1,128}$/.test(thingName)) throw unreadable();
  // The all-clear lets nobody in again.
  if (violationEventType !== 'in-alarm') return context.counters.add('ViolationEnded');
  return takeViolation(context, { thing: thingName, behaviour: nameOf(behavior) });
}

function nameOf(behaviour: unknown): string {
  const { name } = (typeof behaviour === 'object' && behaviour !== null ? behaviour : {}) as { readonly name?: unknown };
  return typeof name === 'string' ? name : '';
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    const notice: unknown = JSON.parse(body);
    if (typeof notice === 'object' && notice !== null) return notice as Readonly<Record<string, unknown>>;
  } catch {
    throw unreadable();
  }
  throw unreadable();
}

function unreadable(): JoulekeepError {
  return new JoulekeepError('ERR_NOTICE', 'notice of the gateway expected');
}
