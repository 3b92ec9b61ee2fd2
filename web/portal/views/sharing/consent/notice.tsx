import { Banner } from '../../../../shared/ui/banner.tsx';
import { Button } from '../../../../shared/ui/button.tsx';
import { t } from './messages.ts';

/** Where an answer is. */
export type Outcome = 'answering' | 'sending' | 'too-old' | 'changed' | 'over' | 'failed' | 'leaving';

interface NoticeProps {
  readonly outcome: Outcome;
  readonly onSignIn: () => void;
  /** Origin of whoever asked. */
  readonly returnsTo: string;
}

/** What became of an answer, and what to do about it. */
export function Notice({ outcome, onSignIn, returnsTo }: NoticeProps) {
  if (outcome === 'leaving') return <Banner tone="good">{t('leaving', { origin: returnsTo })}</Banner>;
  if (outcome === 'changed' || outcome === 'failed')
    return (
      <Banner tone="error">
        <strong>{t(outcome)}.</strong> {t(`${outcome}Text`)}
      </Banner>
    );
  if (outcome !== 'too-old') return null;
  const action = (
    <Button kind="primary" onClick={onSignIn}>
      {t('signIn')}
    </Button>
  );
  return (
    <Banner tone="warning" action={action}>
      <strong>{t('tooOld')}.</strong> {t('tooOldText')}
    </Banner>
  );
}
