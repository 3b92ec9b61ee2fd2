import { JoulekeepError } from '../../events/errors.ts';

/** Another commit holds the expected version. Carries who won, so no second read is needed. Always worth a retry. */
export class VersionConflict extends JoulekeepError {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly winner: Buffer | undefined;

  constructor(stream: string, expectedVersion: number, winner: Buffer | undefined) {
    super('ERR_VERSION_CONFLICT', `${stream}: version ${expectedVersion} is taken`, { retryable: true });
    this.stream = stream;
    this.expectedVersion = expectedVersion;
    this.winner = winner;
  }
}
