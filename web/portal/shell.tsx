import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Session } from '../shared/session.ts';
import { Button } from '../shared/ui/button.tsx';
import { Icon } from '../shared/ui/icon.tsx';
import { Preferences } from '../shared/ui/preferences.tsx';
import { t } from './messages.ts';

interface ShellProps {
  /** Nobody yet, or nobody without network. */
  readonly session?: Session | undefined;
  /** Beside the name. */
  readonly picker?: ComponentChildren;
  readonly navigation?: ComponentChildren;
  /** What everybody should know, above the content. */
  readonly banner?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The frame: skip link, header, navigation, banner, content. */
export function Shell({ session, picker, navigation, banner, children }: ShellProps) {
  const main = useRef<HTMLElement>(null);
  return (
    <div class="page">
      <div>
        <button type="button" class="skip button" onClick={() => main.current?.focus()}>
          {t('skip')}
        </button>
        <header class="header">
          <div class="header-row">
            <span class="brand">
              <Icon name="bolt" />
              Joulekeep
            </span>
            {picker}
            <div class={session === undefined ? '' : 'wide-only'}>
              <Preferences />
            </div>
            {session !== undefined && <Account session={session} />}
          </div>
          {navigation}
        </header>
      </div>
      <main class="content" tabIndex={-1} ref={main} id="content">
        {banner}
        {children}
      </main>
      <footer class="footer">{t('footer')}</footer>
    </div>
  );
}

function Account({ session }: { readonly session: Session }) {
  return (
    <>
      <button type="button" class="button" popovertarget="account">
        <Icon name="person" />
        <span class="wide-label">{t('account')}</span>
      </button>
      <div class="account" id="account" popover="auto">
        <div class="stack">
          <p>{t('signedInAs', { person: session.person })}</p>
          <div class="narrow-only">
            <Preferences />
          </div>
          <Button onClick={() => void session.signOut()}>{t('signOut')}</Button>
        </div>
      </div>
    </>
  );
}
