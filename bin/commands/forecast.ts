import { Command, Option } from 'commander';
import { outsideBand } from '../../domain/demand/forecast/forecast.ts';
import { demandTrend } from '../../domain/demand/trend.ts';
import type { ForecastIssue, ForecastIssued, ForecastModelFitted } from '../../events/index.ts';
import { type AreaSeries, readAreaSeries, seriesUntil } from '../../lambdas/forecast/area-series.ts';
import { forecastStreamOf } from '../../lambdas/forecast/run-forecasts.ts';
import { type Audit, openAudit } from '../../platform/embedded/audit.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import { UsageError } from '../terminal/fail.ts';
import { explainedText, trendText } from '../texts/forecast-text.ts';

const STATE: [string, string] = ['--state <dir>', 'state directory of the service'];

/** `joulekeep forecast explain|trend`. */
export function forecastCommand(): Command {
  const explain = new Command('explain')
    .description(
      'what was forecast of an area on a day, its 90 % band, what each group of features added to the average day, and what came',
    )
    .argument('<area>', 'name of the area')
    .requiredOption('--day <date>', 'local date, e.g. 2026-01-16')
    .addOption(new Option('--issue <issue>', 'made at 10:00 of the day before, or when the day began').choices(['day-ahead', 'midnight']))
    .requiredOption(...STATE)
    .option('--json', 'one JSON object')
    .action((area, options) => withAudit(options.state, (audit) => explainDay(audit, area, options)));
  const trend = new Command('trend')
    .description('peaks, ramps, load factor and growth of the demand that was published of an area')
    .argument('<area>', 'name of the area')
    .requiredOption(...STATE)
    .option('--json', 'one JSON object')
    .action((area, options) => withAudit(options.state, (audit) => showTrend(audit, area, options.json)));
  return new Command('forecast').description('demand of areas, as it is expected').addCommand(explain).addCommand(trend);
}

interface ExplainOptions {
  readonly day: string;
  readonly issue?: ForecastIssue;
  readonly json?: true;
}

/** A forecast with its model and what came of it. */
export interface ExplainedForecast {
  readonly forecast: ForecastIssued;
  readonly model: Pick<ForecastModelFitted, 'generation' | 'features' | 'from' | 'until' | 'zone'>;
  readonly slots: readonly ExplainedSlot[];
}

export interface ExplainedSlot {
  /** Begin, UTC s. */
  readonly start: number;
  readonly energyWh: number | null;
  readonly lowerWh: number | null;
  readonly upperWh: number | null;
  /** null = not published. */
  readonly actualWh: number | null;
  readonly outsideBand: boolean;
  readonly contributionsWh: Readonly<Record<string, number | null>>;
}

async function withAudit(dir: string, work: (audit: Audit) => Promise<void>): Promise<void> {
  const audit = openAudit(dir);
  try {
    await work(audit);
  } finally {
    audit.close();
  }
}

async function explainDay({ events }: Audit, area: string, { day, issue, json }: ExplainOptions): Promise<void> {
  const models: ForecastModelFitted[] = [];
  let forecast: ForecastIssued | undefined;
  for await (const commit of events.read(forecastStreamOf(area))) {
    for (const event of commit.events) {
      if (event.type === 'ForecastModelFitted') models.push(event.data);
      if (event.type === 'ForecastIssued' && event.data.day === day && (issue ?? event.data.issue) === event.data.issue)
        forecast = event.data;
    }
  }
  if (forecast === undefined)
    throw new UsageError(`${area}: nothing was forecast of ${day}${issue === undefined ? '' : ` at issue ${issue}`}`);
  const made = forecast;
  const { generation, features, from, until, zone } = models.find((one) => one.issue === made.issue && one.generation === made.model)!;
  const model = { generation, features, from, until, zone };
  const explained = { forecast: made, model, slots: slotsOf(made, await readAreaSeries(events, area)) };
  process.stdout.write(json ? `${JSON.stringify(explained)}\n` : explainedText(explained));
}

function slotsOf(forecast: ForecastIssued, series: AreaSeries | undefined): ExplainedSlot[] {
  const seconds = forecast.intervalMinutes * 60;
  return forecast.energyWh.map((energyWh, slot) => {
    const [lowerWh, upperWh] = [forecast.lowerWh[slot] ?? null, forecast.upperWh[slot] ?? null];
    const start = forecast.start + slot * seconds;
    const actualWh = series?.netWh.get(start + seconds) ?? null;
    const isOutside = actualWh !== null && outsideBand(actualWh, { lowerWh, upperWh });
    const contributionsWh = Object.fromEntries(forecast.contributions.map(({ group, energyWh: part }) => [group, part[slot] ?? null]));
    return { start, energyWh, lowerWh, upperWh, actualWh, outsideBand: isOutside, contributionsWh };
  });
}

async function showTrend({ events }: Audit, area: string, json: true | undefined): Promise<void> {
  const series = await readAreaSeries(events, area);
  if (series === undefined) throw new UsageError(`${area}: nothing was published of such an area`);
  const trend = demandTrend(seriesUntil(series, AREA_ZONE));
  process.stdout.write(json ? `${JSON.stringify(trend)}\n` : trendText(trend, series.intervalMinutes));
}
