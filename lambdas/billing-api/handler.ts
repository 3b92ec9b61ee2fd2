import type { Platform } from '../../platform/ports/platform.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { listBillingItems, replayBillingItems, showBillingTotals } from './feed.ts';

const USE_CASES: UseCases<'billing-api'> = { listBillingItems, showBillingTotals, replayBillingItems };

/** What the utility's billing system asks for over its door. @source X.1332 7, 9.2 */
export function makeBillingApi(platform: Platform): ApiHandler {
  return apiHandler('billing-api', platform, (logged) => (event) => answerCall(logged, event, USE_CASES));
}
