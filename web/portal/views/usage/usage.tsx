import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';

/** What was used, by day, week, month and year. */
export function Usage({ point }: ViewProps) {
  return (
    <>
      <h1>{t('title')}</h1>
      <p>{point.usagePoint}</p>
    </>
  );
}
