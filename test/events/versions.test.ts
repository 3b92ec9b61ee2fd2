import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CATALOGUE } from '../../events/catalogue/catalogue.ts';
import type { CatalogueEntry, CloudEvent } from '../../events/catalogue/entry.ts';
import { inVersions, typesOf } from '../../events/catalogue/versions.ts';

const NEWER = z.strictObject({ area: z.string(), energyWh: z.int() });
const OLDER = z.strictObject({ area: z.string(), energyKWh: z.int() });

/** A type that changed its unit a release ago. */
const changed: CatalogueEntry = {
  type: 'joulekeep.operator.load.v2',
  audience: 'operator',
  queue: 'operator',
  ordered: 'area',
  says: 'Load of an area.',
  data: NEWER,
  former: {
    type: 'joulekeep.operator.load.v1',
    data: OLDER,
    from: (data) => {
      const { area, energyWh } = NEWER.parse(data);
      return { area, energyKWh: Math.round(energyWh / 1000) };
    },
  },
};

function event(data: unknown, type = changed.type): CloudEvent<unknown> {
  const of = { specversion: '1.0', source: 'joulekeep/area', subject: 'a1', time: '2026-01-15T07:00:00.000Z' } as const;
  return { ...of, id: 'area/a1/7', type, datacontenttype: 'application/json', data };
}

const numberOf = (type: string) => Number(/\.v(\d+)$/.exec(type)?.[1]);

describe('versions of integration events', () => {
  it('a changed type goes out in both versions for a release, each in its own shape, under the id of the fact', () => {
    const newer = event({ area: 'a1', energyWh: 12_600 });
    expect(inVersions(newer, [changed])).toEqual([
      newer,
      { ...newer, type: 'joulekeep.operator.load.v1', data: { area: 'a1', energyKWh: 13 } },
    ]);
    expect(typesOf(changed)).toEqual(['joulekeep.operator.load.v2', 'joulekeep.operator.load.v1']);
  });

  it('once the release is over it goes out in one', () => {
    const { former: _, ...settled } = changed;
    const newer = event({ area: 'a1', energyWh: 12_600 });
    expect(inVersions(newer, [settled])).toEqual([newer]);
  });

  it('neither version says more than its schema', () => {
    expect(() => inVersions(event({ area: 'a1', energyWh: 1, meterId: 'm1' }), [changed])).toThrow(z.ZodError);
    const leaking = { ...changed, former: { ...changed.former!, from: () => ({ area: 'a1', energyKWh: 1, meterId: 'm1' }) } };
    expect(() => inVersions(event({ area: 'a1', energyWh: 1 }), [leaking])).toThrow(z.ZodError);
  });

  it('a type that nobody declared is not published', () => {
    expect(() => inVersions(event({}, 'joulekeep.operator.secret.v1'), [changed])).toThrow(RangeError);
  });
});

describe('the catalogue of events', () => {
  it('names every type by audience, fact and number, once', () => {
    const types = CATALOGUE.flatMap(typesOf);
    expect(types.length).toBeGreaterThanOrEqual(8);
    expect(new Set(types).size).toBe(types.length);
    for (const entry of CATALOGUE)
      for (const type of typesOf(entry)) expect(type).toMatch(new RegExp(`^joulekeep\\.${entry.audience}\\.[a-z-]+\\.v[1-9]\\d*$`));
  });

  it('has something for each of the four audiences, and no queue for two of them', () => {
    const audiences = Map.groupBy(CATALOGUE, ({ queue }) => queue);
    expect(new Set(CATALOGUE.map(({ audience }) => audience))).toEqual(new Set(['operator', 'billing', 'third-party', 'customer']));
    for (const entries of audiences.values()) expect(new Set(entries.map(({ audience }) => audience)).size).toBe(1);
  });

  it('a version before is the one right before', () => {
    for (const { type, former } of [...CATALOGUE, changed])
      if (former !== undefined)
        expect([former.type.replace(/\d+$/, ''), numberOf(former.type)]).toEqual([type.replace(/\d+$/, ''), numberOf(type) - 1]);
  });

  it('every shape is closed: what is not named does not leave', () => {
    for (const { data, type } of CATALOGUE)
      expect(z.toJSONSchema(data), type).toMatchObject({ type: 'object', additionalProperties: false });
  });
});
