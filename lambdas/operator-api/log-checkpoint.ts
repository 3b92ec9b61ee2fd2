import type { LogCheckpoint } from '../../api/operator.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { generationsOf } from '../../platform/ports/signatures.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { CHECKPOINT_KEY, LATEST } from '../log/places.ts';

/** What makes the operator a witness: the checkpoint as it was signed. It is handed out by whoever could not sign one. */
export async function showLogCheckpoint({ objects, kms }: Platform, _call: Call<'showLogCheckpoint'>): Promise<Answer> {
  const note = await objects.get(LATEST);
  // The one in use is the newest generation as well.
  const publicKeys = [...new Set((await generationsOf(kms, CHECKPOINT_KEY)).map((key) => key.toString('base64')))];
  const body: LogCheckpoint = { ...(note && { checkpoint: note.toString() }), publicKeys };
  return { body };
}
