import type { ComponentChildren } from 'preact';

interface EmptyProps {
  readonly title: string;
  /** What to do about it. */
  readonly action?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** Nothing to show, and why. */
export function Empty({ title, action, children }: EmptyProps) {
  return (
    <div class="empty">
      <h3>{title}</h3>
      {children !== undefined && <div class="soft">{children}</div>}
      {action}
    </div>
  );
}
