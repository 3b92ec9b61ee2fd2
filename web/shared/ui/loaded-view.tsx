import type { ComponentChildren } from 'preact';
import { ago } from '../format.ts';
import type { Loaded, Resource } from '../load.ts';
import { Banner } from './banner.tsx';
import { Button } from './button.tsx';
import { Empty } from './empty.tsx';
import { t } from './messages.ts';
import { Skeleton } from './skeleton.tsx';

interface LoadedViewProps<T> {
  readonly of: Resource<T>;
  readonly skeleton?: ComponentChildren;
  readonly children: (value: T, at: number) => ComponentChildren;
}

/** Something fetched, in whatever state it is: on its way, there, failed with what to do, or without network with its age. */
export function LoadedView<T>({ of, skeleton = <Skeleton />, children }: LoadedViewProps<T>) {
  const loaded = of.state.value;
  const again = <Button onClick={() => void of.reload()}>{t('tryAgain')}</Button>;
  switch (loaded.state) {
    case 'loading':
      return <>{skeleton}</>;
    case 'ready':
      return <>{children(loaded.value, loaded.at)}</>;
    case 'offline':
      return loaded.known === undefined ? (
        <Empty title={t('offlineNothing')} action={again} />
      ) : (
        <Aged
          said={t('offline', { age: ago(loaded.known.at, Date.now()) })}
          again={again}
          shown={children(loaded.known.value, loaded.known.at)}
        />
      );
    default:
      return loaded.known === undefined ? (
        <Failed failed={loaded} again={again} />
      ) : (
        <Aged
          said={t('notNewer', { age: ago(loaded.known.at, Date.now()) })}
          again={again}
          shown={children(loaded.known.value, loaded.known.at)}
        />
      );
  }
}

interface AgedProps {
  readonly said: string;
  readonly again: ComponentChildren;
  readonly shown: ComponentChildren;
}

/** What was known before, and how old it is. */
function Aged({ said, again, shown }: AgedProps) {
  return (
    <>
      <Banner tone="warning" action={again}>
        {said}
      </Banner>
      {shown}
    </>
  );
}

interface FailedProps {
  readonly failed: Pick<Extract<Loaded<unknown>, { state: 'failed' }>, 'status' | 'problem'>;
  readonly again: ComponentChildren;
}

function Failed({ failed: { status, problem }, again }: FailedProps) {
  if (status === 403) return <Empty title={t('notAllowed')} />;
  if (status === 404) return <Empty title={t('notFound')} />;
  return (
    <Empty title={t('failed')} action={again}>
      <p>{status === 429 ? t('tooMany') : t('failedHint')}</p>
      {problem !== undefined && status !== 429 && <p class="small">{t('failedReference', { reference: problem.requestId })}</p>}
    </Empty>
  );
}
