import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importFile } from '../../exchange/import.ts';
import { loadSeries } from '../../lambdas/billing/series-file.ts';
import { loadTariff } from '../../lambdas/billing/tariff-file.ts';
import { Broken, type FuzzTarget } from '../target.ts';

const values = Array.from({ length: 48 }, (_, i) => `${i}.5`).join(',');
const NEM12 = [
  '100,NEM12,202001010000,MDA1,Ret1',
  '200,NEM1201009,E1E2,1,E1,N1,01009,kWh,30,20200601',
  `300,20200101,${values},A,,,20200102120000,`,
  `300,20200102,${values},V,,,20200103120000,`,
  '400,1,20,F14,76,',
  '400,21,48,A,,',
  '500,O,S01009,20200102120000,',
  '900',
];
const NEM13 = [
  '100,NEM13,202001010000,MDA1,Ret1',
  '250,NEM1301001,11,1,11,11,MTR1,E,1000.0,20200101000000,A,,,1500.0,20200131000000,A,,,500.0,kWh,20200430,20200201000000,20200201000000',
  '900',
];
const CSV = ['meterId,channel,end_utc,wh', '00124b00060d7a11,0,2026-01-15T00:15:00Z,125', '00124b00060d7a11,0,2026-01-15T00:30:00Z,'];
const WORDS = [
  ...[
    '100,NEM12,',
    '100,NEM13,',
    '200,',
    '250,',
    '300,',
    '400,',
    '500,',
    '550,',
    '900',
    '\n',
    '\r\n',
    ',',
    '"',
    'kWh',
    'MWh',
    'VArh',
    'E1',
    'B1',
  ],
  ...[
    '20200101',
    '20200230',
    'A',
    'S14',
    'F52',
    'V',
    'N',
    '1e9',
    '-1',
    '0.0001',
    '99999999999',
    '48',
    '1,48',
    '\u0000',
    'é',
    '2026-01-15T00:00:00Z',
  ],
];

/** Whole or not at all, and every problem has a place. */
async function readImport(input: Buffer): Promise<boolean> {
  const outcome = await importFile([input]);
  if (outcome.ok) return true;
  if (outcome.problems.length === 0 || outcome.count < outcome.problems.length) throw new Broken('refused without a problem');
  for (const { line, column } of outcome.problems) if (!(line >= 1 && column >= 1)) throw new Broken('a problem without a place');
  return false;
}

const tariffs = ['day-night', 'hourly-market', 'london-dynamic', 'london-flat'].map((name) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'tariffs', `${name}.json`)),
);

export const FILE_TARGETS: readonly FuzzTarget[] = [
  {
    ...{
      name: 'nem',
      what: 'NEM12, NEM13 and CSV of others',
      covers: ['exchange/'],
      mostBytes: 4_096,
      share: 3,
      dictionary: WORDS,
      codes: [],
    },
    seeds: () => [NEM12, NEM13, CSV].map((lines) => Buffer.from(lines.join('\n'))),
    run: readImport,
  },
  {
    ...{ name: 'tariff', what: 'tariff files', covers: ['lambdas/billing/tariff', 'domain/tariff/'], mostBytes: 8_192, share: 1 },
    dictionary: [
      '"kind"',
      '"pricing"',
      '"tiers"',
      '"bands"',
      '"series"',
      '"minutes"',
      '[]',
      '{}',
      'null',
      '-1',
      '1e400',
      '"0.1"',
      '"constructor"',
      '"2026-02-30"',
    ],
    codes: ['ERR_TARIFF_INVALID'],
    seeds: () => tariffs,
    run: (input) => loadTariff(input.toString(), 'a file') !== undefined,
  },
  {
    ...{
      name: 'series',
      what: 'prices by time, as files',
      covers: ['lambdas/billing/series-file.ts', 'domain/tariff/'],
      mostBytes: 2_048,
      share: 3,
    },
    dictionary: ['\n', ',', 'start', 'band', 'price', '2026-01-15T00:00:00Z', '-0.5', '1e9', '"'],
    codes: ['ERR_TARIFF_INVALID', 'ERR_SERIES_INVALID'],
    seeds: () => [Buffer.from('start_utc,price_per_kwh\n2026-01-15T00:00,0.25\n2026-01-15T00:30,0.30\n')],
    run: (input) => loadSeries(input.toString(), 'a file') !== undefined,
  },
];
