import fc from 'fast-check';
import { type Composition, type Customer, compositionOf } from '../../../domain/privacy/gate.ts';
import type { Leaf } from '../../../domain/privacy/partition.ts';

const LEAVES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

export function compositions(): fc.Arbitrary<Composition> {
  const kinds = fc.record({ residential: fc.nat(130), others: fc.nat(20) });
  return fc.tuple(kinds, fc.array(fc.nat(20_000_000), { minLength: 1, maxLength: 12 })).map(([{ residential, others }, energies]) => {
    const classes = [...Array<Customer['class']>(residential).fill('residential'), ...Array<Customer['class']>(others).fill('commercial')];
    return compositionOf(classes.map((kind, i) => ({ class: kind, annualWh: energies[i % energies.length]! })));
  });
}

/** Some leaves of any size, beside some others of them. */
export function towns(): fc.Arbitrary<readonly Leaf[]> {
  return fc.integer({ min: 1, max: LEAVES.length }).chain((count) => {
    const ids = LEAVES.slice(0, count);
    const leaf = (id: string) => fc.record({ id: fc.constant(id), composition: compositions(), neighbours: fc.subarray(ids) });
    return fc.tuple(...ids.map(leaf));
  });
}
