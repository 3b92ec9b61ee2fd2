import type { Estimate } from './estimate.ts';
import { goalsOf } from './goals.ts';
import { usd } from './page.ts';
import { SERVICES, totalOf } from './pricing.ts';

/** One estimate for a person at a terminal. */
export function tableOf(estimate: Estimate): string {
  const { meters, intervalMinutes, lines, totalUsd, plainUsd, apiCallsPer1000, takingOutCallsPer1000, unitsPer1000 } = estimate;
  const shown = lines.map(({ name, bill }) => {
    const parts = SERVICES.filter((service) => bill[service] > 0).map((service) => `${service} ${usd(bill[service])}`);
    return row(name, totalOf(bill), parts.join(', '));
  });
  const goals = goalsOf(estimate).map(
    ({ name, value, most, holds }) => `  ${holds ? 'holds ' : 'MISSED'} ${name}: ${usd(value)}, at most ${most}`,
  );
  return [
    `${meters.toLocaleString('en')} meters, a reading every ${intervalMinutes} minutes: USD of a meter and year`,
    ...shown,
    row('together', totalUsd, `${Math.round(totalUsd * meters).toLocaleString('en')} a year for all`),
    row('plain design', plainUsd, 'message, function, item, key call, event per reading'),
    `  per 1,000 readings: ${apiCallsPer1000.toFixed(1)} API calls from publish to commit, ${unitsPer1000.toFixed(0)} metered units`,
    `  per 1,000 readings: ${takingOutCallsPer1000.toFixed(1)} API calls to take them out again`,
    ...goals,
    '',
  ].join('\n');
}

function row(name: string, value: number, remark: string): string {
  return `  ${name.padEnd(20)}${usd(value).padStart(10)}  ${remark}`;
}
