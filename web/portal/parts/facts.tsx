import type { ComponentChildren } from 'preact';
import './parts.css';

interface FactsProps {
  readonly facts: readonly { readonly label: string; readonly value: ComponentChildren }[];
}

/** Labels and what they stand for, side by side where there is room. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl class="data-list">
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
