import { t } from './messages.ts';

/** What a browser calls itself, and whether it is the one in front of the customer. */
export function DeviceName({ device, current }: { readonly device: string; readonly current: boolean }) {
  return (
    <p class="row">
      <strong>{device}</strong>
      {current && <span class="badge">{t('current')}</span>}
    </p>
  );
}
