import { useState } from 'preact/hooks';
import type { ViewProps } from '../../view.ts';
import { ErasureCard } from '../erasure/erasure-card.tsx';
import { AccessesCard } from './accesses-card.tsx';
import { DeviceCard } from './device-card.tsx';
import { t } from './messages.ts';
import { PasskeysCard } from './passkeys-card.tsx';
import { SessionsCard } from './sessions-card.tsx';
import { SignInsCard } from './sign-ins-card.tsx';
import '../../parts/parts.css';
import './privacy.css';

/** Who opened the data, where the customer is signed in, who signed in before and with what, what this device keeps, and the way to the end of all of it. @source X.1332 9.2, 9.3, 10.2, 10.3 */
export function Privacy(props: ViewProps) {
  const [round, setRound] = useState(0);
  return (
    <>
      <h1>{t('title')}</h1>
      <AccessesCard {...props} />
      <SessionsCard {...props} onEnded={() => setRound((before) => before + 1)} />
      <SignInsCard {...props} round={round} />
      <div class="privacy-small">
        <PasskeysCard page={props.config.passkeysPage} />
        <DeviceCard />
        <ErasureCard {...props} />
      </div>
    </>
  );
}
