import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import { ProofWorld } from './proof-world.ts';

const DAYS = ['2026-10-24', '2026-10-25'].map((day) => `meterday/00124b0000000001/${day}`);

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

it('R9.2-2: days that were archived since prove their bill as they did, to the same places in the log', async () => {
  const before = JSON.parse(await world.prove('home-1')) as { days: unknown[] };
  const { events } = world.platform.as('archive');
  await events.archive(DAYS);
  for (const day of DAYS) expect(await events.isHot(day)).toBe(false);
  await world.log();
  const text = await world.prove('home-1');
  const days = (JSON.parse(text) as { days: { envelope: string; entry: number }[] }).days;
  expect(days.map(({ envelope, entry }) => [envelope, entry])).toEqual(
    (before.days as typeof days).map(({ envelope, entry }) => [envelope, entry]),
  );
  expect(verifyProof(text, await world.trust())).toMatchObject({ days: 3, seals: { sealed: 3, onWord: [] } });
});
