import type { SignInList } from '../../../../api/sign-ins.ts';
import { dateTime } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import type { ViewProps } from '../../view.ts';
import { DeviceName } from './device-name.tsx';
import { methodWords, t } from './messages.ts';
import { refusedRecently, type SignIn, standingWords } from './sign-ins.ts';

interface SignInsCardProps extends ViewProps {
  /** Another number: something has ended, and the list is asked for anew. */
  readonly round: number;
}

/** Who came in under the customer's name, and who tried to. @source X.1332 8.3, 9.2, 10.2 */
export function SignInsCard({ caller, point: { zone }, round }: SignInsCardProps) {
  const list = useLoad(() => caller.request<SignInList>({ path: '/v1/sign-ins' }), [caller, round]);
  return (
    <Card title={t('signIns')}>
      <p class="soft prose">{t('signInsIntro')}</p>
      <LoadedView of={list}>
        {(known) => (
          <>
            <Refused count={refusedRecently(known)} />
            {known.signIns.length === 0 && <p>{t('noSignIns')}</p>}
            <ul class="sign-ins">
              {known.signIns.map((one) => (
                <SignInItem key={one.session} of={one} zone={zone} />
              ))}
            </ul>
          </>
        )}
      </LoadedView>
    </Card>
  );
}

function Refused({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return <Banner tone="warning">{t('refusedLately', { n: count })}</Banner>;
}

function SignInItem({ of, zone }: { readonly of: SignIn; readonly zone: string }) {
  const { at, device, method, current, refusedBefore } = of;
  return (
    <li class="sign-in">
      <div>
        <DeviceName device={device} current={current} />
        <p class="soft small">
          <time dateTime={at}>{dateTime(at, { zone })}</time>, {methodWords(method)}. {standingWords(of, zone)}
        </p>
        {refusedBefore > 0 && <p class="small">{t('refusedBefore', { n: refusedBefore })}</p>}
      </div>
    </li>
  );
}
