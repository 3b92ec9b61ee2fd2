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
    kind: 'retention-failed',
    metric: counted('retention', 'RetentionFailed'),
    atLeast: 1,
    minutes: 60,
    says: 'Something is kept longer than it may be, or could not be archived.',
  },
];
