import type { ComponentChildren } from 'preact';

interface PanelProps {
  readonly title: string;
  /** Where the title leads. */
  readonly href?: string | undefined;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** Part of a page, under its own heading. */
export function Panel({ title, href, wide = false, children }: PanelProps) {
  return (
    <section class={wide ? 'panel wide' : 'panel'}>
      <h2>{href === undefined ? title : <a href={href}>{title}</a>}</h2>
      {children}
    </section>
  );
}
