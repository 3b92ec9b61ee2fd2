import { Button } from '../shared/ui/button.tsx';
import { Empty } from '../shared/ui/empty.tsx';
import { Skeleton } from '../shared/ui/skeleton.tsx';
import { Inside } from './inside.tsx';
import { t } from './messages.ts';
import { Shell } from './shell.tsx';
import { SignedOut } from './signed-out.tsx';
import { phase } from './state.ts';

/** The whole portal. */
export function Root() {
  const now = phase.value;
  switch (now.at) {
    case 'starting':
      return (
        <Shell>
          <Skeleton lines={4} />
        </Shell>
      );
    case 'not-started':
      return (
        <Shell>
          <Empty title={t('notStarted')} action={<Button onClick={() => location.reload()}>{t('reload')}</Button>} />
        </Shell>
      );
    case 'signed-out':
      return <SignedOut config={now.config} why={now.why} />;
    default:
      return <Inside {...now} />;
  }
}
