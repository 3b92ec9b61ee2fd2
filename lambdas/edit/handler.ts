import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { approveEdit, editDay, finalizeDay, rejectEdit, undoEdit } from './edit-day.ts';
import { assignException, listExceptions, showException } from './exceptions.ts';
import { findMeters } from './find-meters.ts';
import { previewEdit } from './preview.ts';
import { showDay } from './show-day.ts';
import { showMeter } from './show-meter.ts';

const USE_CASES: UseCases<'edit'> = {
  listExceptions,
  showException,
  assignException,
  showDay,
  findMeters,
  showMeter,
  previewEdit,
  editDay,
  finalizeDay,
  undoEdit,
  approveEdit,
  rejectEdit,
};

/** What people do about meter days: the exceptions queue, days, edits. @source X.1332 10.1, 10.3 */
export function makeEdit(platform: Platform, _defences: Defences): ApiHandler {
  return apiHandler('edit', platform, (logged) => (event) => answerCall(logged, event, USE_CASES));
}
