import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { ProofWorld } from './proof-world.ts';

const [FROM, HOURS, HOUR] = [Date.UTC(2026, 9, 23), 5 * 24, 3_600_000];
/** A price an hour, no two alike side by side. */
const SERIES = `start_utc,price_per_kwh\n${Array.from({ length: HOURS }, (_, i) => `${new Date(FROM + i * HOUR).toISOString().slice(0, 16)}Z,0.${10 + ((i * 7) % 40)}`).join('\n')}\n`;

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open({ series: SERIES });
}, 60_000);
afterEach(() => world.close());

it('R9.2-2: a bill by a series of prices is proved with the series, and with no other', async () => {
  const text = await world.prove('home-1');
  const trust = await world.trust();
  expect(verifyProof(text, trust)).toMatchObject({ days: 3, seals: { sealed: 3 } });
  const proof = JSON.parse(text) as BillProof;
  expect(proof.series.map((one) => one.text)).toEqual([SERIES]);
  const withSeries = (series: BillProof['series']) => verifyProof(JSON.stringify({ ...proof, series }), trust);
  const [one] = proof.series;
  for (const [series, fault] of [
    [[], 'streams'],
    [[one!, one!], 'streams'],
    [[{ ...one!, text: SERIES.replace(',0.10', ',0.11') }], 'lines'],
    [[{ ...one!, key: `${one!.key.slice(0, -1)}x` }], 'lines'],
  ] as const)
    expect(withSeries([...series])).toMatchObject({ fault });
});
