import type { Audience } from '../../events/catalogue/entry.ts';
import { type AlarmSpec, counted } from './alarm-spec.ts';

/** What the functions themselves count of the service's business. @source X.1332 8.1, 10.1 */
export const COUNTER_ALARMS: readonly AlarmSpec[] = [
  {
    kind: 'meters-silent',
    metric: counted('maintenance', 'MetersSilent'),
    atLeast: 1,
    minutes: 60,
    says: 'Meters have said nothing for so long that they were asked.',
  },
  {
    kind: 'meters-fell-silent',
    metric: counted('close-day', 'MetersFellSilent'),
    atLeast: 1,
    minutes: 60,
    says: 'A day was closed for meters that sent nothing of it.',
  },
  {
    kind: 'estimation-prolonged',
    metric: counted('close-day', 'MetersProlonged'),
    atLeast: 1,
    minutes: 60,
    says: 'Meters have been estimated for several days in a row.',
  },
  {
    kind: 'days-held',
    metric: counted('close-day', 'DaysHeld'),
    atLeast: 25,
    minutes: 60,
    says: 'Many meter days at once failed validation and are not billable.',
  },
  {
    kind: 'epochs-overdue',
    metric: counted('maintenance', 'EpochsOverdue'),
    atLeast: 1,
    minutes: 60,
    says: 'Meters use an epoch of keys beyond its time.',
  },
  {
    kind: 'handshakes-refused',
    metric: counted('keys', 'HandshakeRefused'),
    atLeast: 50,
    minutes: 15,
    says: 'Many handshakes of known meters were refused.',
  },
  {
    kind: 'handshakes-throttled',
    metric: counted('keys', 'HandshakeThrottled'),
    atLeast: 100,
    minutes: 15,
    says: 'More handshakes came than meters or concentrators may ask for.',
  },
  {
    kind: 'registration-refused',
    metric: counted('enrol', 'RegistrationRefused'),
    atLeast: 1,
    minutes: 15,
    says: 'A certificate of the right CA was shown that is in no stock.',
  },
  {
    kind: 'device-quarantined',
    metric: counted('enrol', 'DeviceQuarantined'),
    atLeast: 1,
    minutes: 5,
    says: 'A device left its limits and was cut off.',
  },
  flooded('telemetry', 'ingest', 'A meter or a concentrator went on far beyond its share of readings and was cut off.'),
  flooded('handshakes', 'keys', 'A concentrator went on far beyond its share of handshakes and was cut off.'),
  {
    kind: 'bills-failed',
    metric: counted('bill-runs', 'BillsFailed'),
    atLeast: 1,
    minutes: 60,
    says: 'Bills could not be rated.',
  },
  {
    kind: 'bills-held',
    metric: counted('bill-runs', 'BillsHeld'),
    atLeast: 25,
    minutes: 60,
    says: 'Many bills at once are held for a person to look at.',
  },
  {
    kind: 'deliveries-set-aside',
    metric: counted('redeliver', 'ItemsSetAside'),
    atLeast: 1,
    minutes: 60,
    says: 'A recipient took nothing for 72 hours, and items of its feed were set aside.',
  },
  notTaken('operator', 'OperatorsFailing'),
  notTaken('billing', 'BillingSystemsFailing'),
  notTaken('third-party', 'ThirdPartiesFailing'),
  notTaken('customer', 'CustomersFailing'),
  {
    kind: 'retention-failed',
    metric: counted('retention', 'RetentionFailed'),
    atLeast: 1,
    minutes: 60,
    says: 'Something is kept longer than it may be, or could not be archived.',
  },
  {
    kind: 'erasure-stuck',
    metric: counted('erasure', 'ErasuresStuck'),
    atLeast: 1,
    minutes: 60,
    periods: 24,
    says: 'The erasure of a customer’s data doesn’t go on, or waits for telemetry that should be gone.',
  },
  {
    kind: 'access-unexplained',
    metric: counted('reconcile', 'AccessUnexplained'),
    atLeast: 1,
    minutes: 60,
    says: 'A key of customers was opened, and nobody wrote down that they would.',
  },
  {
    kind: 'verification-unasked',
    metric: counted('reconcile', 'VerificationUnasked'),
    atLeast: 1,
    minutes: 60,
    says: 'Keys of customers were opened as the auditor, and nobody had said that they would verify.',
  },
  {
    kind: 'key-record-doubted',
    metric: counted('reconcile', 'KeyRecordDoubted'),
    atLeast: 1,
    minutes: 60,
    says: 'The key service’s own record of a day is not whole, or not as it was written.',
  },
  {
    kind: 'demand-late',
    metric: counted('ems', 'AreasLate'),
    atLeast: 1,
    minutes: 15,
    periods: 2,
    says: 'The grid operator hears of areas later than the feed promises.',
  },
  {
    kind: 'demand-doubted',
    metric: counted('ems', 'DemandsDoubted'),
    atLeast: 4,
    minutes: 60,
    says: 'Demand that was told to the grid operator is contradicted by the forecast or by heads of feeders.',
  },
  {
    kind: 'demand-suppressed',
    metric: counted('ems', 'DemandsSuppressed'),
    atLeast: 8,
    minutes: 60,
    says: 'Many intervals were not told to the grid operator, because too few homes sent or are there.',
  },
  {
    kind: 'log-late',
    metric: counted('log', 'CheckpointsSigned'),
    below: 1,
    minutes: 5,
    silenceIsBad: true,
    says: 'No checkpoint was signed over the commits of five minutes.',
  },
  {
    kind: 'log-contradicted',
    metric: counted('log-check', 'LogContradicted'),
    atLeast: 1,
    minutes: 60,
    says: 'What is stored is not what the log over all commits says was stored.',
  },
  {
    kind: 'log-unchecked',
    metric: counted('log-check', 'EntriesUnchecked'),
    atLeast: 1,
    minutes: 60,
    periods: 6,
    says: 'For hours the check of the store has not got through what was logged since the run before.',
  },
  {
    kind: 'witness-late',
    metric: counted('log', 'WitnessMissed'),
    atLeast: 1,
    minutes: 15,
    periods: 2,
    says: 'Copies of the log do not reach its witness.',
  },
];

/** By those who count what a device sends, behind the gateway. */
function flooded(of: string, service: string, says: string): AlarmSpec {
  return { kind: 'device-flooding', of, metric: counted(service, 'DeviceQuarantined'), atLeast: 1, minutes: 5, says };
}

/** The function that tries again looks every minute how many endpoints of an audience have something that they don't take: for an hour there was no minute without one. */
function notTaken(audience: Audience, name: string): AlarmSpec {
  return {
    kind: 'deliveries-failing',
    of: audience,
    metric: { ...counted('redeliver', name), statistic: 'Minimum' },
    atLeast: 1,
    minutes: 5,
    periods: 12,
    says: `A recipient of the ${audience} feeds has not taken what is pushed to it for an hour.`,
  };
}
