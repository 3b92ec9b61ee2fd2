import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alikeRuns, extentOf, keyOf } from '../../web/console/model/alike.ts';
import type { AuditEntry } from '../../web/console/model/audit-export.ts';

const ENTRY: AuditEntry = {
  ...{ at: '2026-01-15T10:00:00.000Z', stream: 'access/2026-01-15.edit', version: 4, principal: 'edit', person: 'demo-operator' },
  ...{ purpose: 'editing', subjects: 1, from: '2026-01-14T00:00:00.000Z', until: '2026-01-15T00:00:00.000Z', hash: 'ab' },
};

const entry = fc
  .record({
    at: fc.integer({ min: 0, max: 240 }).map((seconds) => new Date(Date.UTC(2026, 0, 15) + seconds * 1_000).toISOString()),
    person: fc.constantFrom(null, 'anna', 'ben'),
    principal: fc.constantFrom('edit', 'billing'),
    purpose: fc.constantFrom('editing', 'looking'),
    stream: fc.constantFrom('access/2026-01-15.edit', 'access/2026-01-15.billing'),
    subjects: fc.nat(3),
    version: fc.nat(9),
    hash: fc.constantFrom('aa', 'bb'),
  })
  .map((drawn): AuditEntry => ({ ...ENTRY, ...drawn }));

/** As a record is: some of them by the dozen. */
const record = fc
  .array(fc.tuple(entry, fc.integer({ min: 1, max: 4 })))
  .map((drawn) => drawn.flatMap(([one, times]) => Array.from({ length: times }, (_, i) => ({ ...one, version: one.version + i }))));

describe('accesses that are alike', () => {
  it('lose none and change places with none: one behind the other they are what was recorded', () => {
    fc.assert(
      fc.property(record, (entries) => {
        expect(alikeRuns(entries).flat()).toEqual(entries);
      }),
    );
  });

  it('stand together where who, function, purpose, stream and minute are the same, and nowhere else', () => {
    const told = ({ at, person, principal, purpose, stream }: AuditEntry) =>
      JSON.stringify([at.slice(0, 16), person, principal, purpose, stream]);
    fc.assert(
      fc.property(record, (entries) => {
        const runs = alikeRuns(entries);
        for (const run of runs) expect(new Set(run.map(told)).size).toBe(1);
        for (const [i, run] of runs.slice(1).entries()) expect(told(run[0])).not.toBe(told(runs[i]![0]));
      }),
    );
  });

  it('are known by the first of them, however many of a further page come to them', () => {
    const third = { ...ENTRY, version: 6 };
    const before = alikeRuns([{ ...ENTRY, person: null, version: 3 }, ENTRY, { ...ENTRY, version: 5 }]);
    const after = alikeRuns([...before.flat(), third]);
    expect(before.map((run) => run.length)).toEqual([1, 2]);
    expect(after.map((run) => run.length)).toEqual([1, 3]);
    expect(after.map(keyOf)).toEqual(before.map(keyOf));
  });

  it('come to what holds for each: fewest and most subjects, the time of all, first and last version, the last hash', () => {
    const wider = { ...ENTRY, version: 5, subjects: 3, from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z', hash: 'cd' };
    expect(extentOf([ENTRY, wider])).toEqual({
      ...{ subjects: [1, 3], from: wider.from, until: ENTRY.until },
      ...{ versions: [4, 5], hash: 'cd' },
    });
  });
});
