import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: string;
  /** Where the title leads. */
  readonly href?: string | undefined;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** Part of a page, under its own heading. */
export function Panel({ title, href, wide = false, children }: PanelProps) {
  const id = useId();
  return (
    <section class={wide ? 'panel wide' : 'panel'} aria-labelledby={id}>
      <h2 id={id}>{href === undefined ? title : <a href={href}>{title}</a>}</h2>
      {children}
    </section>
  );
}
