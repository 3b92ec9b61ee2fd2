/** How sure a value is. `future`: its time has not come. */
export type BarMark = 'measured' | 'estimated' | 'edited' | 'partial' | 'missing' | 'future';

export interface Bar {
  readonly key: string;
  /** Below the axis, short. */
  readonly label: string;
  /** What the bar is of, in full. */
  readonly title: string;
  /** null where there is none, which is not zero. */
  readonly value: number | null;
  /** The same of the period before. */
  readonly before?: number | null;
  readonly mark: BarMark;
}

export interface PlotSize {
  /** px. */
  readonly width: number;
  readonly height: number;
  /** Room for the axis and the labels, px. */
  readonly inset: { readonly top: number; readonly end: number; readonly bottom: number; readonly start: number };
}

interface BarBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of the period before, where it is known. */
  readonly beforeY?: number;
}

export interface BarsLayout {
  readonly boxes: readonly BarBox[];
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
  /** Where zero is, px. */
  readonly zeroY: number;
  /** Room of one bar with its gap, px. */
  readonly pitch: number;
  /** Every so many-th label fits. */
  readonly labelEvery: number;
}

const TICKS = 4;
/** About as wide as a letter of the axis is. */
export const LETTER_PX = 7.5;
/** Between two labels. */
const LABEL_GAP_PX = 6;
const WIDEST_PX = 64;

/** A step of 1, 2, 2.5 or 5 times a power of ten, so that about four of them cover a span. */
export function niceStep(span: number): number {
  const raw = span / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= raw * 0.999_999) ?? 10;
  return factor * power;
}

/** Where everything of a chart is. Bars stand on zero, up or down; a value of null has a box without height. */
export function layoutBars(bars: readonly Bar[], { width, height, inset }: PlotSize): BarsLayout {
  const values = bars.flatMap(({ value, before }) => [value ?? 0, before ?? 0]);
  const [lowest, highest] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = niceStep(highest - lowest || 1);
  const [bottom, top] = [Math.floor(lowest / step + 1e-9) * step, Math.max(Math.ceil(highest / step - 1e-9), 1) * step];
  const plot = height - inset.top - inset.bottom;
  const yOf = (value: number) => inset.top + ((top - value) / (top - bottom)) * plot;
  const pitch = (width - inset.start - inset.end) / Math.max(bars.length, 1);
  const barWidth = Math.min(pitch - Math.min(pitch * 0.28, 10), WIDEST_PX);
  const zeroY = yOf(0);
  const boxes = bars.map(({ value, before }, i): BarBox => {
    const y = yOf(value ?? 0);
    const box = {
      x: inset.start + i * pitch + (pitch - barWidth) / 2,
      y: Math.min(y, zeroY),
      width: barWidth,
      height: Math.abs(zeroY - y),
    };
    return before === undefined || before === null ? box : { ...box, beforeY: yOf(before) };
  });
  const count = Math.round((top - bottom) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) => ({ value: bottom + i * step, y: yOf(bottom + i * step) }));
  const labelWidth = Math.max(0, ...bars.map(({ label }) => label.length)) * LETTER_PX + LABEL_GAP_PX;
  return { boxes, ticks, zeroY, pitch, labelEvery: Math.max(1, Math.ceil(labelWidth / pitch)) };
}

/** The bar at a place, or the nearest. @param x px from the start of the plot */
export function barAt(x: number, count: number, { pitch, inset }: { pitch: number; inset: PlotSize['inset'] }): number {
  return Math.min(Math.max(Math.floor((x - inset.start) / pitch), 0), Math.max(count - 1, 0));
}

/** Where a key leads from a bar; undefined for a key that moves nothing. */
export function barAfterKey(key: string, index: number, count: number): number | undefined {
  const last = count - 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    PageDown: index + 7,
    PageUp: index - 7,
    Home: 0,
    End: last,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.min(Math.max(target, 0), last);
}
