import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface BannerProps {
  readonly tone?: 'info' | 'warning' | 'error' | 'good';
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}

const ICONS: Readonly<Record<NonNullable<BannerProps['tone']>, IconName>> = {
  info: 'info',
  warning: 'warning',
  error: 'warning',
  good: 'tick',
};

/** Something everybody on the page should know; read out when it appears. */
export function Banner({ tone = 'info', action, children }: BannerProps) {
  return (
    <div class={`banner banner-${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <Icon name={ICONS[tone]} />
      <div class="banner-body">
        <div class="banner-text">{children}</div>
        {action}
      </div>
    </div>
  );
}
