import type { ComponentChildren } from 'preact';

interface EmptyProps {
  readonly title: string;
  /** What to do about it. */
  readonly action?: ComponentChildren;
  /** It is all there is on the page. */
  readonly isPage?: boolean;
  readonly children?: ComponentChildren;
}

/** Nothing to show, and why. */
export function Empty({ title, action, isPage = false, children }: EmptyProps) {
  return (
    <div class="empty">
      {isPage ? <h1>{title}</h1> : <h3>{title}</h3>}
      {children !== undefined && <div class="soft">{children}</div>}
      {action}
    </div>
  );
}
