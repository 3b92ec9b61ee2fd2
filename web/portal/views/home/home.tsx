import type { ViewProps } from '../../view.ts';
import { t } from './messages.ts';

/** Price now, and today so far. */
export function Home({ point }: ViewProps) {
  return (
    <>
      <h1>{t('title')}</h1>
      <p>{point.usagePoint}</p>
    </>
  );
}
