import type { Edited } from '../../api/edits.ts';
import { standingOf } from '../../domain/meterday/outcome.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { commandOf } from './edit-command.ts';
import { etagOf } from './open-day.ts';
import { type Changed, recordChange } from './record-change.ts';

/** Accept, estimate, values or an agreed reading. A final day waits for a second person. */
export async function editDay(platform: Platform, { caller, path, body, change }: Call<'editDay'>): Promise<Answer> {
  return answerOf(await recordChange(platform, caller, path, change, (day) => commandOf(platform, caller, day, body)));
}

/** Final now, with its flags, whatever is missing. */
export async function finalizeDay(platform: Platform, { caller, path, body, change }: Call<'finalizeDay'>): Promise<Answer> {
  const request = { kind: 'finalize', ...body } as const;
  return answerOf(await recordChange(platform, caller, path, change, (day) => commandOf(platform, caller, day, request)));
}

/** Takes an edit back by another event: what stood before it stands again. */
export async function undoEdit(platform: Platform, { caller, path, body, change }: Call<'undoEdit'>): Promise<Answer> {
  const request = { kind: 'undo', edit: path.edit, ...body } as const;
  return answerOf(await recordChange(platform, caller, path, change, (day) => commandOf(platform, caller, day, request)));
}

/** @throws ERR_SECOND_PERSON when the caller proposed it; ERR_EDIT_UNKNOWN */
export async function approveEdit(platform: Platform, { caller, path, change }: Call<'approveEdit'>): Promise<Answer> {
  const decision = { edit: path.edit, by: caller.person, at: platform.clock.now() };
  return answerOf(await recordChange(platform, caller, path, change, () => ({ type: 'ApproveEdit', ...decision })));
}

/** A supervisor rejects; whoever proposed it takes it back. @throws ERR_OTHERS_EDIT for an operator who did not propose it */
export async function rejectEdit(platform: Platform, { caller, path, change }: Call<'rejectEdit'>): Promise<Answer> {
  const decision = { edit: path.edit, by: caller.person, mayDecide: caller.role === 'supervisor', at: platform.clock.now() };
  return answerOf(await recordChange(platform, caller, path, change, () => ({ type: 'RejectEdit', ...decision })));
}

function answerOf({ opened, events, repeated }: Changed): Answer {
  const { day, head } = opened;
  const { channels, held } = standingOf(day, day.channels, true);
  const body: Edited = { ...resultOf(events), repeated, revision: day.revision, held, channels: [...channels] };
  return { body, etag: etagOf(head) };
}

function resultOf(events: Changed['events']): Pick<Edited, 'result' | 'edit'> {
  for (const { type, data } of events) {
    if (type === 'EditProposed') return { result: 'proposed', edit: data.edit };
    if (type === 'SlotsEdited') return { result: 'recorded', edit: data.edit };
    if (type === 'DayFinalized' && data.word !== undefined) return { result: 'finalized' };
    if (type === 'EditRejected') return { result: 'rejected', edit: data.edit };
  }
  return { result: 'unchanged' };
}
