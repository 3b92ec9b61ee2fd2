import { FleetInputError } from '../../devices/fleet/fleet-input-error.ts';
import { JoulekeepError } from '../../events/errors.ts';

/** Wrong arguments or files: one line, exit code 2. */
export class UsageError extends Error {}

const USAGE_CODES: ReadonlySet<string> = new Set([
  'ERR_FLEET_INPUT',
  'ERR_STATE_MISSING',
  'ERR_BACKUP_OTHER',
  'ERR_BACKUP_PLACE',
  'ERR_RESTORE_UNFINISHED',
  'ERR_BACKUP_UNKNOWN',
  'ERR_STATE_LOCKED',
  'ERR_ACCOUNT_CLOSED',
  'ERR_ACCOUNT_ID',
  'ERR_ACCOUNT_UNKNOWN',
  'ERR_CHANNEL_TAKEN',
  'ERR_DAYS_ARCHIVED',
  'ERR_DEVICE_UNKNOWN',
  'ERR_METER_ELSEWHERE',
  'ERR_METER_NOT_HERE',
  'ERR_METER_RETIRED',
  'ERR_MOVE_READ',
  'ERR_MULTIPLIER',
  'ERR_OFF_GRID',
  'ERR_POINT_ID',
  'ERR_POINT_UNKNOWN',
  'ERR_REGISTER_UNKNOWN',
  'ERR_REMOVED_BEFORE_INSTALLED',
  'ERR_STREAM_NAME',
  'ERR_SUBJECT_SEALED',
  'ERR_SUPPLY_ORDER',
  'ERR_TENANCY_LASTS',
  'ERR_TENANCY_ORDER',
  'ERR_TARIFF_INVALID',
  'ERR_TARIFF_NOT_LATER',
  'ERR_TARIFF_UNKNOWN',
  'ERR_SERIES_INVALID',
  'ERR_SERIES_MISSING',
  'ERR_EXPORT_REFUSED',
  'ERR_CERTIFICATE_UNKNOWN',
  'ERR_RECIPIENT_INVALID',
  'ERR_RECIPIENT_TAKEN',
  'ERR_RECIPIENT_UNKNOWN',
  'ERR_CONSENT_ENDED',
  'ERR_CONSENT_INVALID',
  'ERR_CONSENT_PREMISES',
  'ERR_CONSENT_RESOLUTION',
  'ERR_CONSENT_UNKNOWN',
  'ERR_CONSENT_WIDENED',
  'ERR_ERASURE_BEGUN',
  'ERR_HOLD_INVALID',
  'ERR_HOLD_UNKNOWN',
  'ERR_CHAIN_MOVED',
  'ERR_EVENT_TIMES',
  'ERR_PROGRAM_ID',
  'ERR_PROGRAM_UNKNOWN',
  'ERR_PRICE_NOT_BY_SLOT',
  'ERR_SECOND_PERSON',
  'ERR_ZONE_NOTHING_PROPOSED',
  'ERR_ZONE_SETTINGS',
  'ERR_ENDPOINT_INVALID',
  'ERR_DELIVERY_UNSET',
  'ERR_REPLAY_AHEAD',
  'ERR_SIGN_IN_ACCOUNT',
  'ERR_SIGN_IN_NAME',
  'ERR_SIGN_IN_TAKEN',
  'ERR_SIGN_IN_UNKNOWN',
  'ERR_SITE_UNFIT',
  'ERR_SITE_VERSION',
]);

/** One line on standard error and the exit code: 2 for what the caller can mend, 1 for the rest. */
export function report(error: unknown): void {
  const usage =
    error instanceof UsageError || error instanceof FleetInputError || (error instanceof JoulekeepError && USAGE_CODES.has(error.code));
  if (error instanceof Error && 'syscall' in error && error.syscall === 'mkdir') {
    report(new UsageError(`the state directory can't be made: ${error.message}`));
    return;
  }
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`joulekeep: ${text}\n`);
  if (!usage && process.env['JOULEKEEP_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = usage ? 2 : 1;
}
