import type { Clock, Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { KeptTariffs } from '../billing/kept-tariffs.ts';
import { Consents } from '../consent/consents.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { listAccesses } from './accesses.ts';
import type { AccountDesk } from './account-desk.ts';
import { proveBill } from './bill-proof.ts';
import { listBills, showBill } from './bills.ts';
import { showCustomer } from './customer.ts';
import { askForErasure, showErasure, takeErasureBack } from './erasure.ts';
import { showBillEstimate } from './estimate.ts';
import { endSharing, listSharing, showSharing } from './sharing.ts';

const USE_CASES: UseCases<'account-api', AccountDesk> = {
  ...{ showCustomer, showBillEstimate, listBills, showBill, proveBill },
  ...{ listSharing, showSharing, endSharing, listAccesses },
  ...{ showErasure, requestErasure: askForErasure, withdrawErasure: takeErasureBack },
};

/** What customers see of their account. @param wall the clock that browsers go by @source X.1332 8.3, 9.2, 9.3, 10.2 */
export function makeAccountApi(platform: Platform, defences: Defences, wall: Clock = platform.clock): ApiHandler {
  return apiHandler('account-api', platform, (logged) => {
    const desk: AccountDesk = { ...logged, consents: new Consents(logged, defences), tariffs: new KeptTariffs(logged), defences, wall };
    return (event) => answerCall(desk, event, USE_CASES);
  });
}
