import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { slotsOfDay } from '../domain/demand/forecast/series.ts';
import { CHOICE_FROM, CHOSEN_BEFORE, goals, LONDON_TEST_DAYS, lastDays, type Score, scoreOf, TEST_DAYS } from './forecast-scores.ts';
import { DEFAULT_HOMES } from './homes.ts';
import type { Result } from './measure.ts';
import { figure } from './page.ts';
import { columns, table } from './table.ts';
import { DEFAULT_ZONES, readZone, sumOfHomes } from './zone-loads.ts';

const HELP = `npm run score:forecast                 forecasts the last 365 days of two zones and the last 90 of the summed homes day by day, prints the errors
                                       beside naive methods', and writes them into docs/forecast.md
npm run score:forecast -- --json       one array of {name, value, unit, goal, holds} on standard output; writes nothing
npm run score:forecast -- --choice     scores the two years before July 2017 instead, on which the model was chosen; writes nothing
npm run score:forecast -- --zones DIR  AEP.csv.gz and DAYTON.csv.gz; default ${DEFAULT_ZONES}
npm run score:forecast -- --homes FILE start_utc and a column per home, Wh per half-hour; default ${DEFAULT_HOMES}

The exit code says whether every goal holds (1: no, 2: a file or an argument was not what it must be).
`;
const PAGE = 'docs/forecast.md';
const MARKERS = ['<!-- score:begin -->', '<!-- score:end -->'] as const;
const ZONES = ['AEP', 'DAYTON'];
const MORNING_HOURS = 10;
const LONDON = 'Europe/London';

function main(): void {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { json: flag, choice: flag, help: flag, zones: text, homes: text } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const choice = values.choice ?? false;
  const scores = [
    ...ZONES.flatMap((zone) => scoreZone(values.zones ?? DEFAULT_ZONES, zone, choice)),
    scoreHomes(values.homes ?? DEFAULT_HOMES, choice),
  ];
  const results = goals(
    scores.filter(isIssued('midnight')).slice(0, ZONES.length),
    scores.filter(isIssued('10:00 before')),
    scores.at(-1)!,
  );
  if (!values.json && !choice) writePage(scores, results);
  process.stdout.write(
    values.json ? `${JSON.stringify(results, null, 2)}\n` : `${columns([HEAD, ...scores.map(cells)])}\n${table(results)}`,
  );
  if (results.some(({ holds }) => holds === false)) process.exitCode = 1;
}

const isIssued = (issued: string) => (score: Score) => score.issued === issued;

function scoreZone(folder: string, series: string, choice: boolean): Score[] {
  const demand = readZone(folder, series);
  const days = choice ? { from: CHOICE_FROM, until: CHOSEN_BEFORE } : lastDays(demand, TEST_DAYS);
  const task = { series, zone: 'America/New_York', demand, ...days };
  return [
    scoreOf({ ...task, issued: 'midnight', knownSlots: slotsOfDay(demand.intervalMinutes) }),
    scoreOf({ ...task, issued: '10:00 before', knownSlots: (slotsOfDay(demand.intervalMinutes) / 24) * MORNING_HOURS }),
  ];
}

function scoreHomes(file: string, choice: boolean): Score {
  const { series: demand, homes } = sumOfHomes(file, LONDON);
  const last = lastDays(demand, LONDON_TEST_DAYS);
  const days = choice ? { from: last.from - 175, until: last.from } : last;
  const task = { series: `London, ${homes} homes`, zone: LONDON, demand, ...days };
  return scoreOf({ ...task, issued: 'midnight', knownSlots: slotsOfDay(demand.intervalMinutes) });
}

const HEAD = [
  'series',
  'issued',
  'days',
  'MAPE %',
  'yesterday',
  'last week',
  '4 weeks',
  'covered %',
  'band width %',
  'doubted %',
  '+30 % doubted %',
];

function cells({ series, issued, days, mape, yesterday, lastWeek, fourWeeks, coverage, width, doubted, caught }: Score): string[] {
  const values = [mape, yesterday, lastWeek, fourWeeks, coverage, width, doubted, caught];
  return [series, issued, String(days), ...values.map((value) => value.toFixed(2))];
}

function writePage(scores: readonly Score[], results: readonly Result[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = MARKERS.map((marker) => page.indexOf(marker)) as [number, number];
  if (begin < 0 || end < begin) throw new TypeError(`${PAGE} lacks ${MARKERS.join(' and ')}`);
  const row = (values: readonly string[]) => `| ${values.join(' | ')} |`;
  const lines = [
    row(HEAD),
    row(HEAD.map((_, i) => (i < 2 ? '---' : '---:'))),
    ...scores.map((score) => row(cells(score))),
    '',
    row(['what', 'value', 'goal', 'holds']),
    row(['---', '---:', '---', '---']),
    ...results.map(({ name, value, unit, goal, holds }) =>
      row([name, `${figure(value)} ${unit}`.trim(), goal ?? '', goal === undefined ? '' : holds ? 'yes' : '**no**']),
    ),
  ];
  writeFileSync(PAGE, `${page.slice(0, begin + MARKERS[0].length)}\n${lines.join('\n')}\n${page.slice(end)}`);
}

try {
  main();
} catch (error) {
  process.stderr.write(`score:forecast: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
