import { t } from '../text.ts';

/** By which clock a page tells times: said once, above them. */
export function TimesOf({ zone }: { zone: string }) {
  return <p class="soft small">{t('times.of', { zone })}</p>;
}
