import './parts.css';

interface FigureProps {
  readonly label: string;
  readonly value: string;
  /** Below it, small. */
  readonly note: string | undefined;
}

/** One of the `dl.figures` of a card: what it is, large what it comes to, and what to know about it. */
export function Figure({ label, value, note }: FigureProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span class="figure-value number">{value}</span>
        {note !== undefined && <span class="soft small">{note}</span>}
      </dd>
    </div>
  );
}
