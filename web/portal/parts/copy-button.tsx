import { useState } from 'preact/hooks';
import { Button } from '../../shared/ui/button.tsx';

interface CopyButtonProps {
  readonly text: string;
  /** On the button, and what is said afterwards. */
  readonly words: { readonly copy: string; readonly copied: string; readonly notCopied: string };
}

/** Puts a text on the clipboard, and says whether that worked. */
export function CopyButton({ text, words }: CopyButtonProps) {
  const [said, say] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(words.copied);
    } catch {
      say(words.notCopied);
    }
  };
  return (
    <div class="row">
      <Button onClick={() => void copy()}>{words.copy}</Button>
      <span role="status" class="small">
        {said}
      </span>
    </div>
  );
}
