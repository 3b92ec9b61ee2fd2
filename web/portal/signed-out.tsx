import { useState } from 'preact/hooks';
import { beginSignIn } from '../shared/browser.ts';
import type { Config } from '../shared/config.ts';
import { Banner } from '../shared/ui/banner.tsx';
import { Button } from '../shared/ui/button.tsx';
import { Icon } from '../shared/ui/icon.tsx';
import { t } from './messages.ts';
import { Shell } from './shell.tsx';
import { WelcomeArt } from './welcome-art.tsx';

const REASONS = { refused: 'refused', failed: 'failedSignIn', offline: 'offlineSignIn', ended: 'ended' } as const;

interface SignedOutProps {
  readonly config: Config;
  readonly why?: keyof typeof REASONS | undefined;
}

/** What whoever has not signed in sees. */
export function SignedOut({ config, why }: SignedOutProps) {
  const [isLeaving, setLeaving] = useState(false);
  const signIn = () => {
    setLeaving(true);
    beginSignIn(config).catch(() => setLeaving(false));
  };
  return (
    <Shell banner={why !== undefined && <Banner tone={why === 'ended' ? 'info' : 'warning'}>{t(REASONS[why])}</Banner>}>
      <div class="welcome-page">
        <div class="welcome">
          <h1>{t('welcome')}</h1>
          <p class="soft">{t('welcomeText')}</p>
          <ul>
            <li>
              <Icon name="bolt" />
              {t('welcomeUsage')}
            </li>
            <li>
              <Icon name="tick" />
              {t('welcomePrice')}
            </li>
            <li>
              <Icon name="shield" />
              {t('welcomePrivacy')}
            </li>
          </ul>
          <Button kind="primary" disabled={isLeaving} onClick={signIn}>
            {t('signIn')}
          </Button>
          <p class="small soft">{t('passkeyHint')}</p>
        </div>
        <WelcomeArt />
      </div>
    </Shell>
  );
}
