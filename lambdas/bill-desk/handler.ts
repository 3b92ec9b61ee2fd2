import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { approveBill } from './approve-bill.ts';
import { listHeldBills } from './list-held-bills.ts';

const USE_CASES: UseCases<'bill-desk'> = { listHeldBills, approveBill };

/** What people do about bills: those that wait, and the word that lets one go. @source X.1332 10.1, 10.3 */
export function makeBillDesk(platform: Platform, _defences: Defences): ApiHandler {
  return apiHandler('bill-desk', platform, (logged) => (event) => answerCall(logged, event, USE_CASES));
}
