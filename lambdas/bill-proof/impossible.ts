import { JoulekeepError } from '../../events/index.ts';

/** Nobody can prove this any more, or ever could. */
export function impossible(message: string): JoulekeepError {
  return new JoulekeepError('ERR_PROOF_IMPOSSIBLE', message);
}
