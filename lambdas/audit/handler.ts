import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { listAudit } from './accesses.ts';
import { verifyStreams } from './verify.ts';

const USE_CASES: UseCases<'audit'> = { listAudit, verifyStreams };

/** What an auditor asks: who opened whose data, and whether what is recorded is what was recorded. Opens to check, and shows nothing. @source X.1332 10.1 */
export function makeAudit(platform: Platform, _defences: Defences): ApiHandler {
  return apiHandler('audit', platform, (logged) => (event) => answerCall(logged, event, USE_CASES));
}
