import { Banner } from '../../shared/ui/banner.tsx';
import { Button } from '../../shared/ui/button.tsx';

interface SignInAgainProps {
  readonly title: string;
  /** Why, and what becomes of what was begun. */
  readonly text: string;
  readonly label: string;
  readonly onSignIn: () => void;
}

/** What is asked for wants a sign-in of the last minutes. */
export function SignInAgain({ title, text, label, onSignIn }: SignInAgainProps) {
  const action = (
    <Button kind="primary" onClick={onSignIn}>
      {label}
    </Button>
  );
  return (
    <Banner tone="warning" action={action}>
      <strong>{title}.</strong> {text}
    </Banner>
  );
}
