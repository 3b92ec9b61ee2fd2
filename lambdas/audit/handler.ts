import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { listAudit } from './accesses.ts';
import { showDevice } from './show-device.ts';
import { verifyStreams } from './verify.ts';

const USE_CASES: UseCases<'audit'> = { listAudit, verifyStreams, showDevice };

/**
 * What an auditor or a security officer asks: who opened whose data, whether what is recorded is what was recorded, and what happened to a device. What is
 * a customer's it opens to check, and shows nothing of it. @source X.1332 10.1
 */
export function makeAudit(platform: Platform, _defences: Defences): ApiHandler {
  return apiHandler('audit', platform, (logged) => (event) => answerCall(logged, event, USE_CASES));
}
