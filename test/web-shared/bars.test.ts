import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bar, barAfterKey, barAt, LETTER_PX, layoutBars, niceStep, type PlotSize } from '../../web/shared/ui/bars-geometry.ts';

const SIZE: PlotSize = { width: 600, height: 260, inset: { top: 12, end: 4, bottom: 28, start: 48 } };
const bar = (value: number | null, before?: number | null): Bar => ({
  key: '',
  label: '',
  title: '',
  value,
  mark: value === null ? 'missing' : 'measured',
  ...(before !== undefined && { before }),
});

describe('bars', () => {
  it('stand on zero, the highest near the top, and a missing one has no height', () => {
    const { boxes, zeroY, ticks } = layoutBars([bar(0), bar(100), bar(null), bar(50)], SIZE);
    expect(zeroY).toBe(232);
    expect(boxes.map(({ height }) => Math.round(height))).toEqual([0, 220, 0, 110]);
    expect(ticks.map(({ value }) => value)).toEqual([0, 25, 50, 75, 100]);
  });

  it('hang from zero where they are negative', () => {
    const { boxes, zeroY } = layoutBars([bar(-50), bar(50)], SIZE);
    expect(boxes[0]!.y).toBeCloseTo(zeroY);
    expect(boxes[0]!.height).toBeCloseTo(boxes[1]!.height);
  });

  it('mark the period before, which may be the higher', () => {
    const { boxes, zeroY } = layoutBars([bar(50, 100), bar(50, null)], SIZE);
    expect(boxes[0]!.beforeY).toBeCloseTo(SIZE.inset.top);
    expect(boxes[1]).not.toHaveProperty('beforeY');
    expect(boxes[1]!.height).toBeCloseTo((zeroY - SIZE.inset.top) / 2);
  });

  it('stay inside of the plot, apart from each other, whatever the values', () => {
    const value = fc.oneof(fc.constant(null), fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 96 }), fc.integer({ min: 200, max: 1_200 }), (values, width) => {
        const { boxes, zeroY } = layoutBars(
          values.map((each) => bar(each)),
          { ...SIZE, width },
        );
        for (const [i, { x, y, width: wide, height }] of boxes.entries()) {
          expect(wide).toBeGreaterThan(0);
          expect(x).toBeGreaterThanOrEqual(i === 0 ? SIZE.inset.start : boxes[i - 1]!.x + boxes[i - 1]!.width);
          expect(x + wide).toBeLessThanOrEqual(width - SIZE.inset.end + 1e-6);
          expect(y).toBeGreaterThanOrEqual(SIZE.inset.top - 1e-6);
          expect(y + height).toBeLessThanOrEqual(SIZE.height - SIZE.inset.bottom + 1e-6);
          expect(Math.min(Math.abs(y - zeroY), Math.abs(y + height - zeroY))).toBeLessThan(1e-6);
        }
      }),
    );
  });

  it.each(['21:00', '09:00 PM', 'Mon 23', '7'])('have labels apart from each other, also where all are as long as %s', (label) => {
    for (const width of [200, 310, 600, 1_200]) {
      for (const count of [1, 12, 48, 96]) {
        const bars = Array.from({ length: count }, () => ({ ...bar(1), label }));
        const { pitch, labelEvery } = layoutBars(bars, { ...SIZE, width });
        expect(pitch * labelEvery, `${count} bars on ${width} px`).toBeGreaterThan(label.length * LETTER_PX);
      }
    }
  });

  it('have an axis of round steps, also where everything is zero', () => {
    expect([niceStep(100), niceStep(7), niceStep(13_000), niceStep(0.9)].map((step) => Number(step.toPrecision(6)))).toEqual([
      25, 2, 5_000, 0.25,
    ]);
    expect(layoutBars([bar(0), bar(0)], SIZE).boxes.every(({ height }) => height === 0)).toBe(true);
    expect(layoutBars([], SIZE).boxes).toEqual([]);
  });

  it('are chosen by keys, which stop at both ends, and by the pointer', () => {
    expect(['ArrowRight', 'ArrowLeft', 'Home', 'End', 'PageDown'].map((key) => barAfterKey(key, 3, 5))).toEqual([4, 2, 0, 4, 4]);
    expect([barAfterKey('ArrowLeft', 0, 5), barAfterKey('ArrowRight', 4, 5), barAfterKey('Tab', 2, 5)]).toEqual([0, 4, undefined]);
    const { pitch } = layoutBars([bar(1), bar(2), bar(3)], SIZE);
    expect([0, 60, 599].map((x) => barAt(x, 3, { pitch, inset: SIZE.inset }))).toEqual([0, 0, 2]);
  });
});
