import type { Clock } from '../model/cause.ts';
import { t } from '../text.ts';
import { Status, type Tone } from './status.tsx';

const TONES = { 'in-time': 'wait', soon: 'warn', late: 'bad' } as const satisfies Record<Clock['state'], Tone>;

/** How long something has waited, and how long it may. */
export function ClockStatus({ clock: { state, ageHours, leftHours } }: { clock: Clock }) {
  const [days, hours] = [Math.floor(ageHours / 24), ageHours % 24];
  const age = days === 0 ? t('clock.age.hours', { hours }) : t('clock.age', { days, hours });
  return <Status tone={TONES[state]}>{t(`clock.${state}`, { age, n: leftHours })}</Status>;
}
