import { Banner } from '../../../../shared/ui/banner.tsx';
import { SignInAgain } from '../../../parts/sign-in-again.tsx';
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
  return <SignInAgain title={t('tooOld')} text={t('tooOldText')} label={t('signIn')} onSignIn={onSignIn} />;
}
