import { useState } from 'preact/hooks';
import type { ConsentAnswer, ConsentAnswered, ConsentRequest } from '../../../../../api/customer-account.ts';
import { beginSignIn } from '../../../../shared/browser.ts';
import { useLoad } from '../../../../shared/load.ts';
import { hrefOf, place } from '../../../../shared/router.ts';
import { type Caller, isSignInTooOld, type Reply } from '../../../../shared/session.ts';
import { LoadedView } from '../../../../shared/ui/loaded-view.tsx';
import { isSignInRecent } from '../../../recent-sign-in.ts';
import type { ViewProps } from '../../../view.ts';
import { durationsOf, safeLocation } from './answer.ts';
import { ConsentForm } from './consent-form.tsx';
import { t } from './messages.ts';
import { Notice, type Outcome } from './notice.tsx';
import './consent.css';

/** The question of a third party: `#/consent/<uid>`. */
export function Consent(props: ViewProps) {
  const uid = place.value.parts.at(-1) ?? '';
  return <Question key={uid} {...props} uid={uid} />;
}

function Question({ caller, config, uid, point }: ViewProps & { readonly uid: string }) {
  const path = `/oauth/consent/${encodeURIComponent(uid)}`;
  const [wasOld] = useState(!isSignInRecent());
  const [outcome, setOutcome] = useState<Outcome>(wasOld ? 'too-old' : 'answering');
  const request = useLoad(() => caller.request<ConsentRequest>({ path: `${path}/request` }), [caller, uid]);
  const answer = async (words: ConsentAnswer, returnsTo: string) => {
    setOutcome('sending');
    const [next, location] = outcomeOf(await sent(caller, path, words), returnsTo);
    setOutcome(next);
    if (next === 'changed') await request.reload();
    if (location !== undefined) window.location.assign(location);
  };
  const signIn = () => void beginSignIn(config, { prompt: 'login' });
  const state = request.state.value;
  if (outcome === 'over' || (state.state === 'failed' && [400, 404, 409, 410].includes(state.status))) return <Over />;
  return (
    <LoadedView of={request}>
      {(asked) => {
        if (durationsOf(asked, Date.now()).length === 0) return <Over />;
        return (
          <div class="consent">
            <h1>{t('title', { name: asked.recipient.name })}</h1>
            {wasOld && outcome === 'too-old' && <Notice outcome={outcome} onSignIn={signIn} returnsTo={asked.returnsTo} />}
            <ConsentForm
              request={asked}
              zone={point.zone}
              closed={outcome === 'sending' || outcome === 'leaving' ? 'both' : outcome === 'too-old' ? 'allow' : 'none'}
              notice={<Notice outcome={outcome} onSignIn={signIn} returnsTo={asked.returnsTo} />}
              onAnswer={(words) => void answer(words, asked.returnsTo)}
            />
          </div>
        );
      }}
    </LoadedView>
  );
}

function sent(caller: Caller, path: string, body: ConsentAnswer): Promise<Reply<ConsentAnswered>> {
  return caller.request<ConsentAnswered>({ method: 'POST', path, body });
}

function outcomeOf(reply: Reply<ConsentAnswered>, returnsTo: string): readonly [Outcome, string?] {
  if (reply.ok) {
    const location = safeLocation(reply.body.location, { own: window.location.origin, returnsTo });
    return location === undefined ? ['failed'] : ['leaving', location];
  }
  if (isSignInTooOld(reply)) return ['too-old'];
  if (reply.problem?.type === 'urn:joulekeep:problem:question-changed') return ['changed'];
  return [[404, 409, 410].includes(reply.status) ? 'over' : 'failed'];
}

function Over() {
  return (
    <div class="consent">
      <h1>{t('over')}</h1>
      <p>{t('overText')}</p>
      <p>
        <a href={hrefOf(['sharing'])}>{t('toSharing')}</a>
      </p>
    </div>
  );
}
