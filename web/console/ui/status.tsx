import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'wait';

/** How something stands: a picture, a word, and only then a colour. */
export function Status({ tone, icon = tone, children }: { tone: Tone; icon?: IconName; children: ComponentChildren }) {
  return (
    <span class={`status ${tone}`}>
      <Icon name={icon} />
      <span>{children}</span>
    </span>
  );
}
