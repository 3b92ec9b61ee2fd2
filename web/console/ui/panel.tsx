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

/** A table that may be wider or longer than its place: it scrolls by itself, by keys as well. */
export function Scrolled({ label, tall = false, children }: { label: string; tall?: boolean; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section class={tall ? 'scrolled tall' : 'scrolled'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
