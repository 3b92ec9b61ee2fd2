import { useState } from 'preact/hooks';
import { Button } from '../../shared/ui/button.tsx';
import { t } from './messages.ts';

interface CopyButtonProps {
  readonly text: string;
  /** On the button. */
  readonly label: string;
}

/** Puts a text on the clipboard, and says whether that worked. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [said, say] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(t('copied'));
    } catch {
      say(t('notCopied'));
    }
  };
  return (
    <div class="row">
      <Button onClick={() => void copy()}>{label}</Button>
      <span role="status" class="small">
        {said}
      </span>
    </div>
  );
}
