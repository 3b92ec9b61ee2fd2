import { describe, expect, it } from 'vitest';
import { type Reconciliation, writeReconciliation } from '../../bin/town/report.ts';

/** What is measured and what is stored; the meters keep what was not acknowledged. */
function linesOf(measured: number, stored: number, unacknowledged: number, takenBack = 0): string[] {
  const truth = { framesPublished: 10, readings: measured, wh: measured, refusedByMeters: {} };
  const recorded = { accepted: 10 - takenBack, duplicate: 0, quarantined: 0, readings: stored, storedWh: stored, commits: 1 };
  const complete = measured === stored;
  const told: unknown = {
    ...{ played: { truth, settled: { unacknowledged }, seconds: 1 }, recorded, takenBack },
    ...{ framesReconcile: true, energyReconciles: complete, readingsReconcile: complete, holds: complete },
  };
  const lines: string[] = [];
  writeReconciliation(told as Reconciliation, (line) => lines.push(line));
  return lines;
}

const open = (lines: readonly string[]) => lines.filter((line) => line.startsWith('  open'));
const restored = (lines: readonly string[]) => lines.filter((line) => line.startsWith('  restored'));

describe('the account of a play', () => {
  it('says how many readings have not come, and how many meters keep', () => {
    expect(open(linesOf(6_024, 5_640, 1_200))).toEqual([
      '  open      384 readings have not come: meters keep 1,200 until they are acknowledged, and send them again',
    ]);
    expect(open(linesOf(6_024, 6_024, 1_200))).toEqual([]);
    expect(open(linesOf(6_024, 5_640, 0))).toEqual([]);
  });

  it('says which frames a restore took back, and counts them', () => {
    const lines = linesOf(9, 8, 1, 3);
    expect(restored(lines)).toEqual(['  restored  3 frames were recorded and taken back by a restore: meters send again what was in them']);
    const cameAgain = 'recorded and taken back by a restore: what was in them has come again';
    expect(restored(linesOf(9, 9, 0, 3))).toEqual([`  restored  3 frames were ${cameAgain}`]);
    expect(restored(linesOf(9, 9, 0, 1))).toEqual([`  restored  1 frame was ${cameAgain}`]);
    expect(lines.join('\n')).toContain('10 in = 7 accepted + 0 duplicate + 0 quarantined + 3 taken back   reconciles');
    expect(restored(linesOf(9, 9, 0))).toEqual([]);
  });
});
