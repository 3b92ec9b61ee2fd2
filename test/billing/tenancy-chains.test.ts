import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type TenancyCut, UTILITY } from '../../events/index.ts';
import { RelayWorker } from '../../lambdas/relay/relay-worker.ts';
import { EmbeddedBus } from '../../platform/embedded/bus.ts';
import { streamEvent } from '../../platform/embedded/host/stream-event.ts';
import { Dice } from '../property/mortal.ts';
import { mortal } from '../subjects/sealed-days.ts';
import { DATES } from './closed-homes.ts';
import { CorrectedHome, paid, SINCE, TENANTS } from './corrected-home.ts';

const SLOT_MS = 900_000;
const SUBJECTS = [...TENANTS, UTILITY];

/** Up to three cuts anywhere between four days before the period and its end. */
function anyCuts(dice: Dice): TenancyCut[] {
  const slots = new Set(Array.from({ length: dice.roll(4) }, () => (dice.chance(40) ? 96 * dice.roll(7) : dice.roll(7 * 96))));
  return [...slots].sort((a, b) => a - b).map((slot) => ({ subject: SUBJECTS[dice.roll(4)]!, from: SINCE + SLOT_MS * slot }));
}

/** Thirty acts in any order; every day is closed at the end. @returns the tenancy that stands then */
async function live(home: CorrectedHome, dice: Dice): Promise<readonly TenancyCut[]> {
  let cuts: readonly TenancyCut[] = [];
  const open = new Set(DATES);
  const correct = () => {
    cuts = anyCuts(dice);
    return home.correct(cuts);
  };
  const acts: (() => Promise<void>)[] = [
    correct,
    correct,
    async () => home.wait(),
    // It ends in the middle, and the others read on before it is run again.
    async () => {
      home.wait();
      await home.reseal(dice.roll(6));
      for (const read of dice.shuffled([() => home.project(), () => home.relay(), () => home.bill()])) await read();
      await home.hear((events) => dice.shuffled(events));
    },
    async () => void (await Promise.all([home.reseal(), home.project(), home.relay(), home.bill()])),
    () => home.reseal(),
    () => home.reseal(),
    () => home.reclose(),
    () => home.bill(),
    () => home.due(),
    () => home.project(),
    () => home.relay(),
    () => home.hear((events) => dice.shuffled(events)),
    async () => {
      const [day] = dice.shuffled([...open]);
      if (day === undefined) return;
      await home.close(day);
      open.delete(day);
    },
  ];
  for (let step = 0; step < 30; step++) await acts[dice.roll(acts.length)]!();
  for (const day of open) await home.close(day);
  return cuts;
}

it('a chain of corrected tenancies, with days closed, sealed again, projected and billed in any order between, opens everything that it may and ends with the bills of a tenancy that was right from the start', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
      const home = await CorrectedHome.open();
      const right = await CorrectedHome.open();
      try {
        const cuts = await live(home, new Dice(seed));
        await home.settle();
        await right.correct(cuts);
        for (const day of DATES) await right.close(day);
        await right.settle();
        expect(home.faults).toEqual([]);
        for (const account of TENANTS)
          expect([account, paid(await home.billOf(account))]).toEqual([account, paid(await right.billOf(account))]);
      } finally {
        home.discard();
        right.discard();
      }
    }),
    { numRuns: 12 },
  );
});

it.each([
  ['a tenant', [] as TenancyCut[]],
  ['nobody', [{ subject: UTILITY, from: SINCE }]],
])('a day that was of %s is taken up under its new key while the former one is not destroyed yet', async (_, before) => {
  const home = await CorrectedHome.open();
  await home.correct(before);
  for (const day of DATES) await home.close(day);
  await home.project();
  await home.correct([{ subject: 'acc-new', from: SINCE }]);
  await home.bill();
  expect(await home.opened('billing')).toEqual(new Set(['acc-new']));
  home.wait();
  await home.reseal();
  home.wait();
  // One of three days is sealed again when the process ends.
  await home.reseal(1);
  const former = `usage/${before[0]?.subject ?? TENANTS[0]}/2026-10/`;
  expect(await home.world.state.keys.as('archive').list(former)).toHaveLength(2);
  await home.bill();
  await home.project();
  await home.relay();
  await home.hear((events) => events);
  expect(home.faults).toEqual([]);
  expect((await home.billOf('acc-new')).held).toMatchObject({ missing: 196 });
  await home.settle();
  expect(paid(await home.billOf('acc-new'))).toMatchObject({ importWh: '5840' });
  home.discard();
});

it('the relay tells of a day up to where it was asked, whoever has it since', async () => {
  const home = await CorrectedHome.open();
  for (const day of DATES) await home.close(day);
  const [first] = (await home.arrivals()).map((arrival, i) => ({ ...arrival, place: i + 1 }));
  await home.correct([{ subject: 'acc-new', from: SINCE }]);
  home.wait();
  await home.reseal();
  home.wait();
  await home.reseal(1);
  const told: string[] = [];
  const platform = home.world.as('relay');
  const worker = new RelayWorker({
    ...platform,
    bus: new EmbeddedBus({ send: async (queue, body) => void (queue === 'billing' && told.push(body)) }),
    // As it was before the day was sealed again: the access is asked for by these rows.
    events: { ...mortal(platform, Number.POSITIVE_INFINITY).events, rowsOf: async () => [first!.keyId] },
  });
  expect(await worker.take(streamEvent('relay', [first!]))).toEqual({ batchItemFailures: [] });
  expect(told.map((body) => JSON.parse(body).data)).toMatchObject([{ account: TENANTS[0], day: DATES[0] }]);
  home.discard();
});
