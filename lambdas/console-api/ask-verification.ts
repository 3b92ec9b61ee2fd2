import type { VerificationAsked } from '../../api/console.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { requestVerification } from '../shared/access/verification-requests.ts';
import type { ConsoleDesk } from './desk.ts';

/**
 * Puts on record that somebody is about to verify. Another function does that, which opens keys of every customer and may write nothing: what it opens
 * is held against this. @source X.1332 10.1
 */
export async function askVerification({ events, clock }: ConsoleDesk, { caller }: Call<'askVerification'>): Promise<Answer> {
  const until = await requestVerification(events, caller.person, clock.now());
  return { body: { until: instant(until) } satisfies VerificationAsked };
}
