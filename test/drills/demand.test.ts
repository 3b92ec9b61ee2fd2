import { afterEach, beforeEach, expect, it } from 'vitest';
import { OperatorTown, range } from '../ems/operator-world.ts';
import { QUARTER_MS } from '../support/sealed-town.ts';
import { Duty } from './duty.ts';

const NORTH = range(1, 120);
const HEAD = 900;
const SLOTS = range(1, 8);

let duty: Duty;
beforeEach(() => {
  duty = new Duty();
});
afterEach(() => duty.end());

it('demand-suppressed: eight intervals of which too few homes sent raise it, and one of which all did does not', async () => {
  const town = await OperatorTown.of({ north: NORTH });
  for (const slot of SLOTS) await town.send(NORTH.slice(0, 60), slot, 100);
  await town.tell(8);
  expect(duty.hears('demand-suppressed')).toBe(true);
  duty.turn();
  await town.send(NORTH, 9, 100);
  await town.tell(9);
  expect(duty.hears('demand-suppressed')).toBe(false);
});

it('demand-doubted: a feeder whose head disagrees for an hour raises it, and one whose head agrees does not', async () => {
  const town = await OperatorTown.of({ north: NORTH });
  await town.head(HEAD, 'north');
  for (const slot of SLOTS.slice(0, 4)) {
    await town.send(NORTH, slot, 400);
    await town.send([HEAD], slot, (400 * 120 * 1.2) / 10);
  }
  await town.tell(4);
  expect(duty.hears('demand-doubted')).toBe(true);
  duty.turn();
  await town.send(NORTH, 5, 400);
  await town.send([HEAD], 5, (400 * 120 * 1.02) / 10);
  await town.tell(5);
  expect(duty.hears('demand-doubted')).toBe(false);
});

it('demand-late: a run that comes an hour after it should raises it, and the one after it, in time, does not', async () => {
  const town = await OperatorTown.of({ north: NORTH });
  await town.send(NORTH, 1, 5);
  await town.tell(1);
  expect(duty.hears('demand-late')).toBe(false);
  await town.tell(2, 4 * QUARTER_MS);
  expect(duty.hears('demand-late')).toBe(true);
  duty.turn();
  await town.tell(7);
  expect(duty.hears('demand-late')).toBe(false);
});
