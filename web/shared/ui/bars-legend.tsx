import type { BarMark } from './bars-geometry.ts';
import { t } from './messages.ts';

const SHOWN = ['measured', 'estimated', 'edited', 'partial', 'missing'] as const;

/** What the marks mean, as far as they occur. */
export function BarsLegend({ marks, before }: { readonly marks: ReadonlySet<BarMark>; readonly before?: string }) {
  // Nothing to tell apart.
  if (before === undefined && [...marks].every((mark) => mark === 'measured' || mark === 'future')) return null;
  return (
    <ul class="legend">
      {SHOWN.filter((mark) => marks.has(mark)).map((mark) => (
        <li key={mark}>
          <Sample mark={mark} />
          {t(mark)}
        </li>
      ))}
      {before !== undefined && (
        <li>
          <Sample mark="before" />
          {before}
        </li>
      )}
    </ul>
  );
}

function Sample({ mark }: { readonly mark: (typeof SHOWN)[number] | 'before' }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {mark === 'missing' && <line class="bar-gap" x1="8" x2="8" y1="1" y2="15" />}
      {mark === 'before' && <line class="bar-before" x1="1" x2="15" y1="8" y2="8" />}
      {mark === 'estimated' && <EstimatedSample />}
      {(mark === 'measured' || mark === 'edited' || mark === 'partial') && (
        <rect class={`bar bar-${mark}`} x="2" y="2" width="12" height="12" rx="2" />
      )}
    </svg>
  );
}

function EstimatedSample() {
  return (
    <>
      <rect class="bars-hatch-ground" x="2" y="2" width="12" height="12" rx="2" />
      <path class="bars-hatch-line" d="M2 8l6-6M2 14 14 2M8 14l6-6" />
    </>
  );
}
