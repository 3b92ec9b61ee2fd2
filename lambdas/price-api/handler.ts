import type { Platform } from '../../platform/ports/platform.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { showDemandResponse, showPrices } from './bundles.ts';
import { searchAllEvents, searchAllPrograms, searchEventsByID, searchProgramByProgramId } from './open-adr.ts';
import { type Desk, Published } from './published.ts';

const USE_CASES: UseCases<'price-api', Desk> = {
  showPrices,
  showDemandResponse,
  searchAllPrograms,
  searchProgramByProgramId,
  searchAllEvents,
  searchEventsByID,
};

/** Signed prices and demand-response events for customers' devices, and the read side of a VTN; nobody is asked who he is. @source X.1332 8.3, 9.2 */
export function makePriceApi(platform: Platform): ApiHandler {
  return apiHandler('price-api', platform, (logged) => {
    const desk: Desk = { ...logged, published: new Published(logged) };
    return (event) => answerCall(desk, event, USE_CASES);
  });
}
