import type { Tables } from '../../domain/privacy/tables.ts';

/** The table of typical weeks as CSV: a line for each step of each area's week that was told. */
export function researchCsv({ quarter, research }: Tables): string {
  const lines = research.flatMap(({ area, customers, stepMinutes, weekWh }) =>
    weekWh.flatMap((energyWh, step) =>
      energyWh === null ? [] : `${quarter},${area},${customers},${stepMinutes},${step * stepMinutes},${energyWh}`,
    ),
  );
  return csv('quarter,area,customers,step_minutes,minute_of_week_utc,energy_wh', lines);
}

/** The means of similar homes as CSV. */
export function similarHomesCsv({ similarHomes }: Tables): string {
  return csv(
    'area,month,mean_kwh',
    similarHomes.map(({ area, month, meanKWh }) => `${area},${month},${meanKWh}`),
  );
}

function csv(head: string, lines: readonly string[]): string {
  return [head, ...lines, ''].join('\n');
}
