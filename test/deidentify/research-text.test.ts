import { describe, expect, it } from 'vitest';
import { researchCsv, similarHomesCsv } from '../../bin/texts/research-text.ts';

const TABLES = {
  quarter: '2026-Q1',
  research: [{ area: 'a', customers: '100+', stepMinutes: 360, weekWh: [12, null, 7] }],
  similarHomes: [{ area: 'a', month: '2026-01', meanKWh: 298 }],
};

describe('tables as CSV', () => {
  it('have a line for each step that was told', () => {
    expect(researchCsv(TABLES)).toBe(
      'quarter,area,customers,step_minutes,minute_of_week_utc,energy_wh\n2026-Q1,a,100+,360,0,12\n2026-Q1,a,100+,360,720,7\n',
    );
  });

  it('have a line for each month of an area', () => {
    expect(similarHomesCsv(TABLES)).toBe('area,month,mean_kwh\na,2026-01,298\n');
  });
});
