import { type Bar, type BarMark, type BarsLayout, LETTER_PX, type PlotSize } from './bars-geometry.ts';

interface DrawingProps {
  readonly bars: readonly Bar[];
  readonly layout: BarsLayout;
  readonly size: PlotSize;
  readonly selected: number | undefined;
  readonly tickText: (value: number) => string;
  /** Unique in the document, for the hatching. */
  readonly id: string;
}

/** The picture alone; whoever does not see it has the line and the table. */
export function BarsDrawing({ bars, layout, size, selected, tickText, id }: DrawingProps) {
  const { width, height, inset } = size;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} height={height} aria-hidden="true" focusable="false">
      <Hatching id={id} />
      {layout.ticks.map(({ value, y }) => (
        <g key={value}>
          <line class="bars-grid" x1={inset.start} x2={width - inset.end} y1={y} y2={y} />
          <text class="bars-text" x={inset.start - 8} y={y + 4} text-anchor="end">
            {tickText(value)}
          </text>
        </g>
      ))}
      {selected !== undefined && (
        <rect
          class="bars-cursor"
          x={inset.start + selected * layout.pitch}
          y={inset.top}
          width={layout.pitch}
          height={height - inset.top - inset.bottom}
        />
      )}
      {bars.map((bar, i) => (
        <BarShape key={bar.key} bar={bar} index={i} layout={layout} size={size} id={id} />
      ))}
      <line class="bars-base" x1={inset.start} x2={width - inset.end} y1={layout.zeroY} y2={layout.zeroY} />
    </svg>
  );
}

interface ShapeProps {
  readonly bar: Bar;
  readonly index: number;
  readonly layout: BarsLayout;
  readonly size: PlotSize;
  readonly id: string;
}

function BarShape({ bar, index, layout, size, id }: ShapeProps) {
  const box = layout.boxes[index];
  if (box === undefined) return null;
  const middle = box.x + box.width / 2;
  const isHatched = bar.mark === 'estimated';
  return (
    <g>
      {bar.value !== null && (
        <rect
          class={classOf(bar.mark)}
          {...(isHatched && { fill: `url(#${id})` })}
          x={box.x}
          y={box.y}
          width={box.width}
          height={box.height}
          rx={Math.min(3, box.width / 4, box.height)}
        />
      )}
      {bar.mark === 'missing' && <line class="bar-gap" x1={middle} x2={middle} y1={layout.zeroY - 3} y2={layout.zeroY - 28} />}
      {box.beforeY !== undefined && <line class="bar-before" x1={box.x} x2={box.x + box.width} y1={box.beforeY} y2={box.beforeY} />}
      {index % layout.labelEvery === 0 && <AxisLabel text={bar.label} middle={middle} size={size} />}
    </g>
  );
}

/** Below its bar, where it fits inside of the plot. */
function AxisLabel({ text, middle, size }: { readonly text: string; readonly middle: number; readonly size: PlotSize }) {
  if (middle + text.length * LETTER_PX * 0.5 > size.width) return null;
  return (
    <text class="bars-text" x={middle} y={size.height - 8} text-anchor="middle">
      {text}
    </text>
  );
}

function classOf(mark: BarMark): string {
  return mark === 'estimated' ? 'bar-estimated' : `bar bar-${mark}`;
}

function Hatching({ id }: { readonly id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="bars-hatch-ground" width="6" height="6" />
        <line class="bars-hatch-line" x1="1.5" x2="1.5" y1="0" y2="6" />
      </pattern>
    </defs>
  );
}
