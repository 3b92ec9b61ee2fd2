import { energy, signed } from '../../shared/format.ts';
import { type FeederDay, type FeederLimits, lossesOf } from '../model/feeders.ts';
import { t } from '../text.ts';
import { LossBar } from './loss-bar.tsx';

/** Columns of what is lost. */
export const lossColumns = () => [
  { label: t('feeders.share') },
  { label: t('feeders.head'), align: 'end' as const },
  { label: t('feeders.homes'), align: 'end' as const },
  { label: t('feeders.lost'), align: 'end' as const },
];

/** Their cells, of these days together. */
export function lossCells(days: readonly FeederDay[], limits: FeederLimits) {
  const losses = lossesOf(days);
  const bar = <LossBar key="share" share={losses?.share} limits={limits} />;
  if (losses === undefined) return [bar, '–', '–', '–'];
  return [bar, energy(losses.headWh), energy(losses.homesWh), signed(losses.lostWh, energy)];
}
