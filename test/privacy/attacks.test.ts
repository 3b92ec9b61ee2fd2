import { expect, it } from 'vitest';
import { readHomes } from '../../bench/homes.ts';
import { measureDifferences } from '../../bench/privacy/differencing.ts';
import { measureLeakage, measureSplits } from '../../bench/privacy/leakage.ts';
import { measureMembership, weeksFor } from '../../bench/privacy/membership.ts';
import { homesAt, pseudoHomes } from '../../bench/privacy/population.ts';
import { publish } from '../../bench/privacy/publishing.ts';
import { mean, quantile } from '../../bench/privacy/statistics.ts';
import { randomFrom } from '../../bench/random.ts';
import { disclosureGate } from '../../domain/privacy/gate.ts';
import { DISCLOSURE_POLICY } from '../../domain/privacy/policy.ts';
import { weakenedPolicy } from '../../domain/privacy/weakening.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { describeShared } from '../support/shared.ts';

const gate = disclosureGate(defencesUnderTest().disclosureGate);
const run = { gate, random: randomFrom(1), progress: () => undefined };

describeShared('attacks on real homes', 'data/london-2013/homes.csv.gz', (path) => {
  const homes = readHomes(path);

  it('R9.4-4, C10.4-3: of 80 homes nothing is published; with a gate of 40 something is, and it leaks more than areas of 100 may', () => {
    const town = homesAt(homes, 5, 8);
    const { cells, partition } = publish([town], gate);
    expect({ cells, suppressed: partition.suppressed }).toEqual({ cells: 0, suppressed: ['leaf-0'] });
    const lowered = disclosureGate(true, weakenedPolicy(DISCLOSURE_POLICY, { residential: 40 }));
    const split = measureSplits(town, { ...run, gate: lowered, size: 40, trials: 100 });
    expect(split.cells).toBeGreaterThan(0);
    expect(100 * quantile(split.explained, 0.5)).toBeGreaterThan(1);
  });

  it('R9.4-4, C10.4-3: areas of a hundred leak little of a home', () => {
    const { trials, cells, explained, gainedAlone } = measureLeakage(pseudoHomes(homes, 8), { ...run, size: 100, trials: 100 });
    expect(trials).toBe(100);
    expect(cells).toBeGreaterThan(0);
    expect(100 * quantile(explained, 0.5)).toBeLessThan(1);
    expect(mean(gainedAlone)).toBeLessThan(0.02);
  });

  it('who is in a research table is guessed of thirty homes, and hardly of five hundred: the attack works', () => {
    const tables = { stepMinutes: 360, random: randomFrom(7), progress: () => undefined };
    const from = pseudoHomes(homes, weeksFor(4));
    const few = disclosureGate(true, weakenedPolicy(DISCLOSURE_POLICY, { residential: 30 }));
    const ofThirty = measureMembership(from, { ...tables, customers: 30, trials: 800, gate: few });
    const ofMany = measureMembership(from, { ...tables, customers: 500, trials: 400, gate: disclosureGate() });
    expect(ofThirty.trials).toBeGreaterThan(600);
    expect(ofThirty.auc).toBeGreaterThan(0.56);
    expect(ofMany.auc).toBeLessThan(ofThirty.auc);
  });

  it('R9.4-4, C10.4-3: no two cells of a week, with late data, parents and revisions, isolate fewer homes than the gate wants', () => {
    const found = measureDifferences(pseudoHomes(homes, 1), gate, randomFrom(1));
    expect(found.pairs).toBeGreaterThan(1_000);
    expect(found.revisions).toBeGreaterThan(0);
    expect(found.isolating).toBe(0);
  });
});
