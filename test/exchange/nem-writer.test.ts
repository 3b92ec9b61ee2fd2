import { describe, expect, it } from 'vitest';
import { nemUnit } from '../../exchange/nem/units.ts';
import type { NemCall } from './given.ts';
import { written } from './nem-files.ts';

const HEADER: NemCall = ['header', { version: 'NEM12', created: '202401010000', from: '', to: '' }];
const CHANNEL = {
  nmi: 'NMI1',
  configuration: '',
  registerId: '',
  suffix: 'E1',
  stream: '',
  serial: '',
  unit: nemUnit('kWh')!,
  nextRead: '',
  minutes: 30,
};
const WHOLE = { first: 0, last: 47, flag: 'A', method: null, reasonCode: null, reasonText: '' } as const;
const DAY = {
  date: '2024-02-29',
  values: new Array<number>(48).fill(1),
  quality: [WHOLE],
  updatedAt: '',
  loadedAt: '',
  transactions: [],
};

describe('a NEM file', () => {
  it.each<[string, NemCall[], string]>([
    ['a comma in a text', [['channel', { ...CHANNEL, serial: 'a,b' }]], 'no comma and no control character fits in MDFF'],
    ['a line end in a text', [['channel', { ...CHANNEL, serial: 'a\n900' }]], 'no comma and no control character fits in MDFF'],
    ['quotes', [['channel', { ...CHANNEL, serial: '"a"' }]], 'meter serial number is in quotes'],
    ['no NMI', [['channel', { ...CHANNEL, nmi: '' }]], 'NMI is missing'],
    ['a day of no channel', [['day', DAY]], 'a 300 record before any 200 record'],
    [
      'too few values',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: [1] }],
      ],
      '1 values',
    ],
    [
      'no value without N',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: new Array<null>(48).fill(null) }],
      ],
      'no value is for quality N',
    ],
    [
      'N with a value',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [{ ...WHOLE, flag: 'N' }] }],
      ],
      'no value is for quality N',
    ],
    [
      'no quality',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [] }],
      ],
      'a day without quality',
    ],
    [
      'half of a quality',
      [
        ['channel', CHANNEL],
        [
          'day',
          {
            ...DAY,
            quality: [
              { ...WHOLE, last: 3 },
              { ...WHOLE, first: 5 },
            ],
          },
        ],
      ],
      'interval 6, but 5 is next',
    ],
    [
      'a substitute without reason',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [{ ...WHOLE, flag: 'S', method: 14 }] }],
      ],
      'needs a reason code',
    ],
    [
      'reason 0 without text',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, quality: [{ ...WHOLE, flag: 'S', method: 14, reasonCode: 0 }] }],
      ],
      'needs a description',
    ],
    [
      'half a Wh',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: [0.5, ...DAY.values.slice(1)] }],
      ],
      'is not a number',
    ],
    [
      'a negative value',
      [
        ['channel', CHANNEL],
        ['day', { ...DAY, values: [-1, ...DAY.values.slice(1)] }],
      ],
      'value of interval 1',
    ],
  ])('refuses to write %s', (_, calls, why) => {
    expect(() => written([HEADER, ...calls])).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORT_REFUSED', message: expect.stringContaining(why) }),
    );
  });
});
