import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { BarsDrawing } from './bars-drawing.tsx';
import { type Bar, type BarMark, barAfterKey, barAt, layoutBars, type PlotSize } from './bars-geometry.ts';
import { BarsLegend } from './bars-legend.tsx';
import { Button } from './button.tsx';
import { t } from './messages.ts';
import { type Column, Table } from './table.tsx';

interface BarsProps {
  /** What the chart shows, with its time. */
  readonly caption: string;
  readonly bars: readonly Bar[];
  /** A value with its unit. */
  readonly valueText: (value: number) => string;
  /** A value on the axis, short. */
  readonly tickText: (value: number) => string;
  /** Heads of the table: what a bar is of, what it is worth, and what the value before is. */
  readonly heads: { readonly title: string; readonly value: string; readonly before?: string };
  /** Values are readings, and the table says what each is worth; prices are none. Taken as true. */
  readonly areReadings?: boolean;
  /** Says more of a bar in the line below it. */
  readonly detailText?: (bar: Bar) => string;
}

const INSET: PlotSize['inset'] = { top: 12, end: 4, bottom: 28, start: 48 };
const HEIGHT = 260;

/**
 * Bars that say how sure they are: estimated hatched, corrected outlined, missing a gap. Arrow keys and pointer choose a bar, whose value
 * the line below reads; the same as a table at a press of the button.
 */
export function Bars({ caption, bars, valueText, tickText, heads, areReadings = true, detailText }: BarsProps) {
  const [isTable, setTable] = useState(false);
  const textOf = (bar: Bar) => [lineOf(bar, valueText, heads.before), detailText?.(bar) ?? ''].filter(Boolean).join(' · ');
  return (
    <figure class="bars">
      <figcaption class="card-head">
        <span class="soft">{caption}</span>
        <Button kind="quiet" onClick={() => setTable(!isTable)}>
          {isTable ? t('showChart') : t('showTable')}
        </Button>
      </figcaption>
      {isTable ? (
        <BarsTable caption={caption} bars={bars} valueText={valueText} heads={heads} areReadings={areReadings} />
      ) : (
        <BarsPlot caption={caption} bars={bars} tickText={tickText} textOf={textOf} />
      )}
      <BarsLegend marks={new Set(bars.map(({ mark }) => mark))} {...(heads.before !== undefined && { before: heads.before })} />
    </figure>
  );
}

interface PlotProps extends Pick<BarsProps, 'caption' | 'bars' | 'tickText'> {
  readonly textOf: (bar: Bar) => string;
}

function BarsPlot({ caption, bars, tickText, textOf }: PlotProps) {
  const id = useId();
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(plot);
  const [chosen, choose] = useState<number | undefined>(undefined);
  const size = useMemo(() => ({ width, height: HEIGHT, inset: INSET }), [width]);
  const layout = useMemo(() => layoutBars(bars, size), [bars, size]);
  const selected = chosen === undefined ? undefined : Math.min(chosen, bars.length - 1);
  const bar = selected === undefined ? undefined : bars[selected];
  const onKey = (event: KeyboardEvent) => {
    const next = barAfterKey(event.key, selected ?? (event.key === 'ArrowRight' ? -1 : 0), bars.length);
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  const onPointer = (event: PointerEvent) => choose(barAt(event.offsetX, bars.length, { pitch: layout.pitch, inset: INSET }));
  return (
    <>
      <div
        class="bars-plot"
        ref={plot}
        role="slider"
        tabIndex={0}
        aria-label={caption}
        aria-valuemin={1}
        aria-valuemax={bars.length}
        aria-valuenow={(selected ?? 0) + 1}
        aria-valuetext={bar === undefined ? t('barsHint') : textOf(bar)}
        onKeyDown={onKey}
        onPointerDown={onPointer}
        onPointerMove={(event) => event.pointerType === 'mouse' && onPointer(event)}
      >
        <BarsDrawing bars={bars} layout={layout} size={size} selected={selected} tickText={tickText} id={`hatch${id}`} />
      </div>
      <output class="bars-line" aria-live="off">
        {bar === undefined ? <span class="soft">{t('barsHint')}</span> : textOf(bar)}
      </output>
    </>
  );
}

type TableProps = Pick<BarsProps, 'caption' | 'bars' | 'valueText' | 'heads'> & { readonly areReadings: boolean };

function BarsTable({ caption, bars, valueText, heads, areReadings }: TableProps) {
  const { before } = heads;
  const columns: Column[] = [{ label: heads.title }, { label: heads.value, align: 'end' }];
  if (areReadings) columns.push({ label: t('quality') });
  if (before !== undefined) columns.push({ label: before, align: 'end' });
  const rows = bars
    .filter(({ mark }) => mark !== 'future')
    .map((bar) => {
      const cells = [bar.title, textOrDash(bar.value, valueText)];
      if (areReadings) cells.push(bar.mark === 'future' ? '' : t(bar.mark));
      if (before !== undefined) cells.push(textOrDash(bar.before, valueText));
      return { key: bar.key, cells };
    });
  return <Table caption={caption} captionHidden columns={columns} rows={rows} />;
}

function textOrDash(value: number | null | undefined, valueText: (value: number) => string): string {
  return value === undefined || value === null ? '–' : valueText(value);
}

function lineOf({ title, value, mark, before }: Bar, valueText: (value: number) => string, beforeLabel: string | undefined): string {
  const worth = value === null ? wordOf(mark) : `${valueText(value)}${mark === 'measured' ? '' : ` (${wordOf(mark)})`}`;
  const compared = beforeLabel === undefined || before === undefined || before === null ? '' : ` · ${beforeLabel}: ${valueText(before)}`;
  return `${title}: ${worth === '' ? '–' : worth}${compared}`;
}

function wordOf(mark: BarMark): string {
  return mark === 'future' ? '' : t(mark).toLocaleLowerCase();
}

/** Width of an element, px, as it changes. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(entry.contentRect.width, 200)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
