import { JoulekeepError } from '../events/errors.ts';

/** An export that must not be made as asked: it would say something else than the data, or lack what it has to carry. */
export function refused(why: string): JoulekeepError {
  return new JoulekeepError('ERR_EXPORT_REFUSED', why);
}
