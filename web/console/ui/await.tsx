import type { ComponentChildren } from 'preact';
import { knownOf, type Resource } from '../../shared/load.ts';
import { NOT_REACHED, type Refusal } from '../../shared/session.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { Button } from '../../shared/ui/button.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { now } from '../desk.ts';
import { t } from '../text.ts';

interface AwaitProps<T> {
  from: Resource<T>;
  /** What is said where there is no such thing. */
  missing?: string;
  children: (value: T) => ComponentChildren;
}

/** What was fetched, or why it is not there; what was there before stays. */
export function Await<T>({ from, missing, children }: AwaitProps<T>) {
  const loaded = from.state.value;
  switch (loaded.state) {
    case 'loading':
      return <Skeleton />;
    case 'ready':
      return <>{children(loaded.value)}</>;
    case 'failed':
    case 'offline':
      if (missing !== undefined && loaded.state === 'failed' && loaded.status === 404) return <Banner tone="warning">{missing}</Banner>;
      return (
        <>
          <Refused refusal={loaded.state === 'failed' ? loaded : NOT_REACHED} retry={from.reload} />
          {loaded.known !== undefined && children(loaded.known.value)}
        </>
      );
  }
}

/** Why the service said no, in its own words, with what support asks for. */
export function Refused({ refusal: { status, problem }, retry }: { refusal: Pick<Refusal, 'status' | 'problem'>; retry?: () => unknown }) {
  return (
    <Banner tone="error" action={retry !== undefined && <Button onClick={() => void retry()}>{t('retry')}</Button>}>
      <p>
        <strong>{status === 0 ? t('offline') : (problem?.title ?? t('refused', { status }))}</strong>
      </p>
      {problem?.detail !== undefined && <p>{problem.detail}</p>}
      {problem?.faults?.map(({ field, message }) => (
        <p key={field}>
          <code>{field}</code> {message}
        </p>
      ))}
      {problem !== undefined && <p class="small">{t('refused.request', { id: problem.requestId })}</p>}
    </Banner>
  );
}

/** How old what is shown is, and a way to have it anew. */
export function Freshness<T>({ from }: { from: Resource<T> }) {
  const at = knownOf(from.state.value)?.at;
  return (
    <p class="freshness">
      {at !== undefined && <span>{ageText(Math.max(0, now.value - at))}</span>}
      <Button onClick={() => void from.reload()}>{t('refresh')}</Button>
    </p>
  );
}

function ageText(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1_000);
  if (seconds < 5) return t('age.now');
  return seconds < 120 ? t('age.seconds', { n: seconds }) : t('age.minutes', { n: Math.floor(seconds / 60) });
}
