import { useMemo } from 'preact/hooks';
import { beginSignIn } from '../shared/browser.ts';
import type { Session } from '../shared/session.ts';
import { Banner } from '../shared/ui/banner.tsx';
import { Button } from '../shared/ui/button.tsx';
import { Dialog } from '../shared/ui/dialog.tsx';
import { Skeleton } from '../shared/ui/skeleton.tsx';
import { App } from './app.tsx';
import { boot, stage } from './boot.ts';
import type { Desk } from './desk.ts';
import { t } from './text.ts';

/** The console, or the way into it. */
export function Root() {
  const now = stage.value;
  switch (now.stage) {
    case 'starting':
      return (
        <main class="door">
          <Skeleton />
        </main>
      );
    case 'unreachable':
      return (
        <main class="door">
          <h1>{t('app.name')}</h1>
          <Banner tone="error" action={<Button onClick={() => void boot()}>{t('retry')}</Button>}>
            {t('offline')}
          </Banner>
        </main>
      );
    case 'signed-out':
      return (
        <main class="door">
          <h1>{t('app.name')}</h1>
          {now.why !== undefined && <Banner tone="error">{t(`app.sign-in.${now.why}`)}</Banner>}
          <p>{t('app.sign-in-why')}</p>
          <Button kind="primary" onClick={() => void beginSignIn(now.config)}>
            {t('app.sign-in')}
          </Button>
        </main>
      );
    case 'signed-in':
      return <SignedIn session={now.session} onSignIn={() => void beginSignIn(now.config)} />;
  }
}

/** What is on the screen stays there when the session ends, until the person signs in again. */
function SignedIn({ session, onSignIn }: { session: Session; onSignIn: () => void }) {
  const desk = useMemo<Desk>(() => ({ requests: session, person: session.person, role: session.role }), [session]);
  const again = (
    <Button kind="primary" onClick={onSignIn}>
      {t('app.sign-in')}
    </Button>
  );
  return (
    <>
      <App desk={desk} onSignOut={() => void session.signOut()} />
      <Dialog open={session.ended.value} title={t('app.sign-in')} onClose={onSignIn} actions={again}>
        <p>{t('app.ended')}</p>
      </Dialog>
    </>
  );
}
