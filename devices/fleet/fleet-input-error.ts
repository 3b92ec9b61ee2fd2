import { JoulekeepError } from '../../events/errors.ts';

/** What somebody gave the fleet to play can't be played. The message names the place and says what to do. */
export class FleetInputError extends JoulekeepError {
  constructor(message: string, cause?: unknown) {
    super('ERR_FLEET_INPUT', message, { cause });
    this.name = 'FleetInputError';
  }
}

/** Foreign text for a message: short, and harmless to a terminal. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}...` : text);
}
