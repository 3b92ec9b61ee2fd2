import { useState } from 'preact/hooks';
import { wipeBrowser } from '../../../shared/browser-kept.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { Dialog } from '../../../shared/ui/dialog.tsx';
import { phase } from '../../state.ts';
import { t } from './messages.ts';

/** What this browser keeps, and its end. @source X.1332 10.2 */
export function DeviceCard() {
  const [isAsking, ask] = useState(false);
  const [isWiping, setWiping] = useState(false);
  const actions = (
    <>
      <Button onClick={() => ask(false)}>{t('cancel')}</Button>
      <Button
        kind="danger"
        disabled={isWiping}
        onClick={() => {
          setWiping(true);
          void forget();
        }}
      >
        {isWiping ? t('wiping') : t('confirmWipe')}
      </Button>
    </>
  );
  return (
    <Card title={t('device')}>
      <p class="prose">{t('deviceText')}</p>
      <div>
        <Button kind="danger" onClick={() => ask(true)}>
          {t('wipe')}
        </Button>
      </div>
      <Dialog open={isAsking} title={t('wipeTitle')} onClose={() => ask(false)} actions={actions}>
        <p>{t('wipeText')}</p>
      </Dialog>
    </Card>
  );
}

/** A session takes everything with it when it ends; without one the browser is emptied all the same. */
async function forget(): Promise<void> {
  const now = phase.value;
  if (now.at === 'inside' && now.session !== undefined) return await now.session.signOut();
  await wipeBrowser();
  location.assign('/');
}
