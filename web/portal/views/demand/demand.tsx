import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';
import { PeaksCard } from './peaks-card.tsx';
import { SimilarCard } from './similar-card.tsx';
import '../../parts/parts.css';
import './demand.css';

/** The highest demand of each month, and a month beside similar homes. */
export function Demand(props: ViewProps) {
  return (
    <>
      <h1>{t('title')}</h1>
      <PeaksCard {...props} />
      <SimilarCard key={props.point.usagePoint} {...props} />
    </>
  );
}
