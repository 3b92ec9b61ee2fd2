import { beforeEach, describe, expect, it } from 'vitest';
import { writeFeed } from '../../exchange/espi/feed.ts';
import { usageCsvLines, usageJson } from '../../exchange/usage/usage-files.ts';
import { Pseudonyms, periodOf } from '../../lambdas/third-party/pseudonyms.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { revealed } from '../support/revealed.ts';
import { ACCOUNT, at, ConsentWorld, NOW, RECIPIENT } from './consent-world.ts';

let world: ConsentWorld;
beforeEach(async () => {
  world = await ConsentWorld.make();
});

const of = (recipient: string) => new Pseudonyms(world.api.kms, recipient, defencesUnderTest());
const POINTS = Array.from({ length: 500 }, (_, i) => `home-${i}`);

/** Names of every field that a recipient may see, whatever the format. */
const FIELDS = new Set([
  ...['format', 'series', 'bills', 'usagePoint', 'direction', 'unit', 'zone', 'resolution', 'intervalMinutes', 'rows', 'start', 'end'],
  ...['energy', 'quality', 'measured', 'estimated', 'edited', 'missing', 'currency', 'totalMicro', 'importWh', 'issuedAt'],
]);

function fieldsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(fieldsOf);
  return Array.isArray(value) ? inside : [...Object.keys(value), ...inside];
}

describe('pseudonyms', () => {
  it('T8.2-1: of two recipients share none, and of one recipient none over two periods', async () => {
    const ids = async (recipient: string, period: string) =>
      await Promise.all(POINTS.map((point) => of(recipient).of('usage-point', point, period)));
    const sets = [await ids('brightly', '2026'), await ids('another', '2026'), await ids('brightly', '2027')];
    expect(new Set(sets.flat()).size).toBe(3 * POINTS.length);
    for (const id of sets.flat()) expect(id).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });

  it('T8.2-1: come of a key in the key service: who knows all names and has not that one computes none', async () => {
    const elsewhere = await ConsentWorld.make();
    const ids = async ({ kms }: Pick<Platform, 'kms'>) => {
      const pseudonyms = new Pseudonyms(kms, RECIPIENT, defencesUnderTest());
      return await Promise.all(POINTS.map((point) => pseudonyms.of('usage-point', point, '2026')));
    };
    const before = world.world.kms.count('generateMac');
    const sets = [await ids(world.api), await ids(elsewhere.api)];
    expect(new Set(sets.flat()).size).toBe(2 * POINTS.length);
    expect(world.world.kms.calls.slice(-1)).toEqual(['third-party-api generateMac pseudonym']);
    expect(world.world.kms.count('generateMac')).toBe(before + 1);
    // Whoever the key's policy lets not near it has no pseudonym.
    await expect(ids(world.world.as('operator-api'))).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
  });

  it('are stable for a recipient within a period, and of each kind their own', async () => {
    expect(await of('brightly').of('usage-point', 'home-1', '2026')).toBe(await of('brightly').of('usage-point', 'home-1', '2026'));
    expect(await of('brightly').of('account', 'home-1', '2026')).not.toBe(await of('brightly').of('usage-point', 'home-1', '2026'));
    expect(periodOf('2026-12-31')).not.toBe(periodOf('2027-01-01'));
  });

  it('T8.2-1: the exports of two recipients of one home have no id in common', async () => {
    const one = await world.page(await world.grant());
    const other = await world.page(await world.grant({ recipient: 'another' }), { recipient: 'another' });
    expect(one.series[0]!.rows).toEqual(other.series[0]!.rows);
    const ids = [one, other].map(({ series }) => series.map(({ usagePoint }) => usagePoint));
    expect(ids[0]!.filter((id) => ids[1]!.includes(id))).toEqual([]);
    expect(ids.flat()).toHaveLength(2);
  });
});

describe('what a recipient gets', () => {
  it('T8.2-1, R9.3-5: has no name, address, meter id, account or usage point of the service, in any format', async () => {
    const consent = await world.grant({ dataClasses: ['usage'], until: at('2027-01-01'), expiresAt: NOW + 86_400_000 });
    const { series } = await world.page(consent);
    const usage = { series, bills: [] };
    expect(series[0]!.rows).toHaveLength(73);
    const terms = { base: 'https://share.example.org/s-1', title: 'Usage', updatedAt: NOW };
    const ids = [ACCOUNT, 'home-1', 'home-2', 'p-home-1', 'north-1', '00124b0000000001', RECIPIENT];
    for (const text of [JSON.stringify(series), usageJson(usage), [...usageCsvLines(usage)].join(''), writeFeed(usage, terms)]) {
      expect(text.length).toBeGreaterThan(5_000);
      expect(revealed(text, ids)).toEqual([]);
    }
    // The scan finds what it looks for.
    expect(revealed(`x ${ACCOUNT} 00124b0000000001`, ids)).toEqual([ACCOUNT, 'home-1', '00124b0000000001']);
  });

  it('R9.3-5: has the fields of a short list and no other', async () => {
    const { series } = await world.page(await world.grant());
    const fields = new Set(fieldsOf(JSON.parse(usageJson({ series, bills: [] }))));
    expect([...fields].filter((field) => !FIELDS.has(field))).toEqual([]);
    expect(fields.size).toBeGreaterThan(12);
    // A pseudonym is all that names.
    expect(series.map(({ usagePoint }) => usagePoint).every((id) => /^[A-Za-z0-9_-]{16}$/.test(id))).toBe(true);
  });

  it('has a line of CSV per row, with quality, and the same in JSON', async () => {
    const { series } = await world.page(await world.grant(), { resolution: 'day' });
    const lines = [...usageCsvLines({ series })].join('').trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]!.split(',').slice(1)).toEqual([
      ...['import', 'Wh', 'Europe/London', 'day', '15', '2026-10-24T23:00:00Z', '2026-10-26T00:00:00Z', '10000', 'measured', '100'],
      ...['0', '0', '0'],
    ]);
    const json = JSON.parse(usageJson({ series, bills: [] })) as {
      series: { rows: { energy: number; quality: string; start: string }[] }[];
    };
    expect(json.series[0]!.rows.map(({ energy, quality, start }) => [energy, quality, start])).toEqual([
      [9_600, 'measured', '2026-10-23T23:00:00Z'],
      [10_000, 'measured', '2026-10-24T23:00:00Z'],
      [9_600, 'measured', '2026-10-26T00:00:00Z'],
    ]);
  });
});
