import type { Clock } from '../model/cause.ts';
import { t } from '../text.ts';
import { Status, type Tone } from './status.tsx';

const TONES = { 'in-time': 'wait', soon: 'warn', late: 'bad' } as const satisfies Record<Clock['state'], Tone>;

/** How long something has waited, and how long it may. */
export function ClockStatus({ clock: { state, ageHours, leftHours } }: { clock: Clock }) {
  const age = t('clock.age', { days: Math.floor(ageHours / 24), hours: ageHours % 24 });
  return <Status tone={TONES[state]}>{t(`clock.${state}`, { age, n: leftHours })}</Status>;
}
