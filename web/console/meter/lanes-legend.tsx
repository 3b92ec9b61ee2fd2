import { t } from '../text.ts';

const MARKS = ['measured', 'held', 'estimated', 'edited', 'missing', 'error', 'warning', 'selected'] as const;

/** What the patterns mean. */
export function LanesLegend() {
  return (
    <ul class="legend">
      {MARKS.map((mark) => (
        <li key={mark}>
          <svg class="lanes swatch" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <Swatch mark={mark} />
          </svg>
          {t(`mark.${mark}`)}
        </li>
      ))}
    </ul>
  );
}

function Swatch({ mark }: { mark: (typeof MARKS)[number] }) {
  switch (mark) {
    case 'missing':
      return <path class="gap" d="M1 13h14" />;
    case 'error':
      return <rect class="error" x={4} y={2} width={8} height={12} />;
    case 'warning':
      return <rect class="warning" x={4} y={2} width={8} height={6} />;
    case 'selected':
      return <rect class="under selected" x={0} y={0} width={16} height={16} />;
    case 'held':
      return (
        <>
          <rect class="bar held" x={1} y={1} width={14} height={14} />
          <path class="cross" d="M1 1l14 14M15 1L1 15" />
        </>
      );
    case 'estimated':
      return (
        <>
          <rect class="bar estimated" x={1} y={1} width={14} height={14} />
          <path class="hatch" d="M1 8l7-7M1 15L15 1M8 15l7-7" />
        </>
      );
    default:
      return <rect class={`bar ${mark}`} x={1} y={1} width={14} height={14} />;
  }
}
