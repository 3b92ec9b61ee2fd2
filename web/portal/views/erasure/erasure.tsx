import { useRef, useState } from 'preact/hooks';
import type { Erasure as Told } from '../../../../api/customer-account.ts';
import { beginSignIn } from '../../../shared/browser.ts';
import { useLoad } from '../../../shared/load.ts';
import { type Caller, isSignInTooOld, type Reply } from '../../../shared/session.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { SignInAgain } from '../../parts/sign-in-again.tsx';
import { isSignInRecent } from '../../recent-sign-in.ts';
import type { FormerProps, ViewProps } from '../../view.ts';
import { AskDialog } from './ask-dialog.tsx';
import { Course } from './course.tsx';
import { t } from './messages.ts';
import { Outlook } from './outlook.tsx';
import type { Sending } from './standing.ts';
import { WithdrawDialog } from './withdraw-dialog.tsx';
import '../../parts/parts.css';
import './erasure.css';

const PATH = '/v1/me/erasure';

/** The end of the customer's data: what it means, asked for in two steps, and how it stands afterwards. @source X.1332 10.3 */
export function Erasure({ caller, config, point: { zone } }: ViewProps) {
  return <ErasureOf caller={caller} config={config} zone={zone} />;
}

/** Whoever has left may ask as well. */
export function ErasureOf({ caller, config, zone }: FormerProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [isTooOld, setTooOld] = useState(!isSignInRecent());
  const [isOpen, open] = useState(false);
  const [sending, setSending] = useState<Sending>('idle');
  const erasure = useLoad(() => caller.request<Told>({ path: PATH }), [caller]);
  const send = async (method: 'POST' | 'DELETE') => {
    setSending('sending');
    const reply = await sent(caller, method);
    const isStale = isSignInTooOld(reply);
    setTooOld(isStale);
    setSending(reply.ok || isStale ? 'idle' : reply.status === 409 ? 'late' : 'failed');
    if (reply.ok || isStale) open(false);
    // How it stands now is what the page shows, whoever changed it.
    if (reply.ok || reply.status === 409) await erasure.reload();
    // The button that opened the dialog is gone with what it was for.
    if (reply.ok) heading.current?.focus();
  };
  const close = () => {
    open(false);
    setSending('idle');
  };
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t('title')}
      </h1>
      <LoadedView of={erasure}>
        {(told) =>
          told.status === 'none' ? (
            <>
              <Outlook of={told} zone={zone} />
              {isTooOld && (
                <SignInAgain
                  title={t('tooOld')}
                  text={t('tooOldText')}
                  label={t('signIn')}
                  onSignIn={() => void beginSignIn(config, { prompt: 'login' })}
                />
              )}
              <div>
                <Button kind="danger" disabled={isTooOld} onClick={() => open(true)}>
                  {t('ask')}
                </Button>
              </div>
              <AskDialog open={isOpen} of={told} zone={zone} sending={sending} onConfirm={() => void send('POST')} onClose={close} />
            </>
          ) : (
            <>
              <Course of={told} zone={zone} onWithdraw={() => open(true)} />
              <WithdrawDialog open={isOpen} sending={sending} onConfirm={() => void send('DELETE')} onClose={close} />
            </>
          )
        }
      </LoadedView>
    </>
  );
}

function sent(caller: Caller, method: 'POST' | 'DELETE'): Promise<Reply<Told>> {
  return caller.request<Told>({ method, path: PATH });
}
