import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { BillComputed, MeterDayEvent } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { ASSET, namesOf } from '../subjects/given.ts';
import { issuedTo, ratedAnew, record, recordBill, recordFalseBill } from './false-bills.ts';
import { accountOf, billOf, ProofWorld, TARIFF } from './proof-world.ts';

const [HOME, OTHER] = ['home-1', 'home-2'];
const [OWN, OTHERS] = [accountOf(HOME), accountOf(OTHER)];
/** As the three days begin, and inside the second. */
const SINCE = Date.UTC(2026, 9, 23, 23);
const NOON = Date.UTC(2026, 9, 25, 12);

let world: ProofWorld;
beforeEach(async () => {
  world = await ProofWorld.open();
}, 60_000);
afterEach(() => world.close());

const verdict = (stream = billOf(HOME), account = OWN) => world.verdict(HOME, { stream, account });

const falls = (told: RegExp) => ({ fault: 'binding', what: expect.stringMatching(told) });

describe('a proof binds the days to the customer', () => {
  it('R9.2-2, C10.1-7: with account and usage point shown as a whole, and nothing left to the utility’s word', async () => {
    const text = await world.prove(HOME);
    const found = verifyProof(text, await world.trust());
    expect(found).toMatchObject({ days: 3, binding: { onWord: [] } });
    expect(found).not.toHaveProperty('binding.told');
    const { account, point } = (JSON.parse(text) as BillProof).binding;
    expect([...account, ...point].every((commit) => !('withheld' in commit))).toBe(true);
  });

  it('R9.2-2: as far as the checkpoint goes: what is said since waits for its place in the log', async () => {
    await endTenancy(world.platform.as('enrol'), HOME, NOON);
    expect(verifyProof(await world.prove(HOME), await world.trust())).toMatchObject({ binding: { onWord: [] } });
    expect(await verdict()).toMatchObject({ binding: { onWord: [{ why: 'amended' }, { why: 'amended' }] } });
  });

  it('R9.2-2: a proof from before it did is refused, and says why', async () => {
    const { binding: _binding, ...old } = JSON.parse(await world.prove(HOME)) as BillProof;
    const found = verifyProof(JSON.stringify({ ...old, version: 1 }), await world.trust());
    expect(found).toMatchObject({ fault: 'layout', what: expect.stringContaining('does not show whose the meters are') });
    expect(verifyProof(JSON.stringify(old), await world.trust())).toMatchObject({ fault: 'layout' });
  });

  it.each<[string, string, (own: BillProof['binding'], other: BillProof['binding']) => BillProof['binding']]>([
    ['another account', 'streams', (own, { account }) => ({ ...own, account })],
    ['another usage point', 'streams', (own, { point }) => ({ ...own, point })],
    ['no account', 'binding', (own) => ({ ...own, account: [] })],
    ['no usage point', 'binding', (own) => ({ ...own, point: [] })],
    ['the usage point twice', 'chain', ({ account, point }) => ({ account, point: [...point, ...point] })],
    ['account and usage point in each other’s place', 'streams', ({ account, point }) => ({ account: point, point: account })],
  ])('R9.2-2: with %s it is refused', async (_what, fault, change) => {
    const own = JSON.parse(await world.prove(HOME)) as BillProof;
    const other = JSON.parse(await world.prove(OTHER)) as BillProof;
    const changed = { ...own, binding: change(own.binding, other.binding) };
    expect(verifyProof(JSON.stringify(changed), await world.trust())).toMatchObject({ fault });
  });

  it('R9.2-2: with the first commit of a stream left out, or said to be withheld, it is not what it was', async () => {
    await correct(1);
    const trust = await world.trust();
    await world.log();
    const own = JSON.parse(await world.prove(HOME)) as BillProof;
    const withPoint = (point: BillProof['binding']['point']) =>
      verifyProof(JSON.stringify({ ...own, binding: { ...own.binding, point } }), trust);
    const [first, ...rest] = own.binding.point;
    expect(withPoint(rest)).toMatchObject({ fault: 'chain' });
    const { entry, path } = first!;
    expect(withPoint([{ withheld: 0, hash: Buffer.alloc(32).toString('base64'), entry, path }, ...rest])).toMatchObject({ fault: 'log' });
  });

  it('R9.2-2: with a withheld commit left out between two others, it tells the same versions', async () => {
    const stream = `usagepoint/${HOME}`;
    for (const [i, subject] of ['acc-b', 'acc-c', 'acc-d'].entries()) {
      const data = { subject, from: SINCE + (30 + i) * 86_400_000, at: SINCE };
      await record(world, 'enrol', stream, [{ type: 'TenancyCut', data }]);
    }
    await world.log();
    const own = JSON.parse(await world.prove(HOME)) as BillProof;
    const [first, second, third] = own.binding.point.flatMap((one) => ('withheld' in one ? [one] : []));
    const without = own.binding.point.filter((one) => one !== second);
    const told = { binding: { onWord: [{ about: stream, why: 'withheld', versions: [0, 1, 2].map((i) => first!.withheld + i) }] } };
    expect(third!.withheld).toBe(first!.withheld + 2);
    for (const point of [own.binding.point, without]) {
      const text = JSON.stringify({ ...own, binding: { ...own.binding, point } });
      expect(verifyProof(text, await world.trust())).toMatchObject(told);
    }
  });
});

/** What a count is worth, from before the bill on. */
async function correct(multiplier: number): Promise<void> {
  const data = { meterId: '00124b0000000001', channel: 0, multiplier, validFrom: SINCE, reason: 'told late', by: 'clerk', at: SINCE };
  await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'MultiplierCorrected', data }]);
}

/** Every day sealed, every line rated, every commit in the log: nothing but whose it is is false. */
describe('a utility that bills what is not the customer’s', () => {
  it('R9.2-2, C10.1-7: is found out by the meter of a neighbour', async () => {
    await recordFalseBill(world, { source: OTHER, account: OWN, usagePoint: HOME });
    expect(await verdict()).toMatchObject(falls(/meter 00124b0000000002 did not hang at home-1/));
  });

  it('R9.2-2, C10.1-7: is found out by an account that never lived there', async () => {
    const stream = await recordFalseBill(world, { source: HOME, account: OTHERS, usagePoint: HOME });
    expect(await verdict(stream, OTHERS)).toMatchObject(falls(/account\/acc-home-2: it was no tenant of home-1/));
  });

  it('R9.2-2: is found out by days of another usage point', async () => {
    await recordFalseBill(world, { source: HOME, account: OWN, usagePoint: HOME, frame: { usagePoint: OTHER } });
    expect(await verdict()).toMatchObject(falls(/the day is of home-2/));
  });

  it('R9.2-2: is found out by a tenancy that had ended, by account and usage point', async () => {
    await endTenancy(world.platform.as('enrol'), HOME, NOON);
    await recordBill(world, await issuedTo(world, HOME));
    expect(await verdict()).toMatchObject(falls(/account\/acc-home-1: it was no tenant of home-1/));
  });

  it('R9.2-2: is found out by a tenancy that had ended by the word of the usage point alone', async () => {
    await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'TenancyCut', data: { subject: 'utility', from: NOON, at: NOON } }]);
    await recordBill(world, await issuedTo(world, HOME));
    expect(await verdict()).toMatchObject(falls(/usagepoint\/home-1: acc-home-1 was not its tenant/));
  });

  it('R9.2-2: is found out by days outside of the time that it charges', async () => {
    const issued = await issuedTo(world, HOME);
    const [span] = issued.spans!;
    await recordBill(world, { ...issued, spans: [{ ...span!, until: NOON / 1000 }] });
    expect(await verdict()).toMatchObject(falls(/the day is not of the time that is charged/));
  });

  it('R9.2-2: is found out by counts that are worth ten times what the usage point says', async () => {
    await recordFalseBill(world, { source: HOME, account: OWN, usagePoint: HOME, change: tenfold });
    expect(await verdict()).toMatchObject(falls(/its counts are worth something else/));
  });

  it('R9.2-2: is believed where the usage point said so before', async () => {
    await correct(10);
    await recordFalseBill(world, { source: HOME, account: OWN, usagePoint: HOME, change: tenfold });
    await recordBill(world, await ratedAnew(world, HOME));
    const found = await verdict();
    expect(found).toMatchObject({ bill: { importWh: '524100' }, days: 3, binding: { onWord: [] }, seals: { sealed: 3, onWord: [] } });
  });

  it('R9.2-2: is told that counts are worth something else since', async () => {
    await correct(10);
    const amended = (day: number) => ({ about: `meterday/00124b0000000001/2026-10-${day}`, why: 'amended' });
    expect(await verdict()).toMatchObject({ binding: { onWord: [24, 25, 26].map(amended) } });
  });

  it('R9.2-2: is found out by a tariff that is not the usage point’s', async () => {
    const dear = { file: 'dear.json', text: JSON.stringify({ ...TARIFF, id: 'dear' }) };
    const { version } = await publishTariff(world.platform.as('billing'), dear, new Map());
    const issued = await issuedTo(world, HOME);
    await recordBill(world, { ...issued, tariffs: issued.tariffs.map((one) => ({ ...one, tariff: 'dear', version })) });
    expect(await verdict()).toMatchObject(falls(/tariff dear is not that of home-1/));
  });

  it('R9.2-2: is found out by a tariff that was the usage point’s by mistake, and not any more when the bill went out', async () => {
    const dear = { file: 'dear.json', text: JSON.stringify({ ...TARIFF, id: 'dear' }) };
    const { version } = await publishTariff(world.platform.as('billing'), dear, new Map());
    for (const tariff of ['dear', 'bands']) {
      const data = { tariff, from: '2026-01-01', at: world.clock.now() };
      await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'TariffAssigned', data }]);
      world.clock.advance(60_000);
    }
    const issued = await issuedTo(world, HOME);
    const tariffs = issued.tariffs.map((one) => ({ ...one, tariff: 'dear', version }));
    await recordBill(world, { ...issued, tariffs });
    expect(await verdict()).toMatchObject(falls(/tariff dear is not that of home-1/));
    // A bill that is rated again keeps the tariffs that it stood on.
    await recordBill(world, { ...issued, tariffs, revision: 2 });
    expect(await verdict()).toMatchObject({ binding: { onWord: [{ about: 'tariff/dear', why: 'earlier' }] } });
  });

  it('R9.2-2, C10.1-7: is taken at its word, and no more, for a meter that it installs after the bill', async () => {
    await recordFalseBill(world, { source: OTHER, account: OWN, usagePoint: HOME });
    expect(await verdict()).toMatchObject(falls(/did not hang at home-1/));
    world.clock.advance(30 * 86_400_000);
    const data = { meterId: '00124b0000000002', from: SINCE, asset: ASSET, registers: [], at: world.clock.now() };
    await record(world, 'enrol', `usagepoint/${HOME}`, [{ type: 'MeterInstalled', data }]);
    const later = (day: number) => ({ about: `meterday/00124b0000000002/2026-10-${day}.2`, why: 'later' });
    const found = await verdict();
    expect(found).toMatchObject({ binding: { onWord: expect.arrayContaining([24, 25, 26].map(later)) } });
  });

  it('R9.2-2: is found out by the time of another zone, in the bill alone and in its days as well', async () => {
    await recordBill(world, await ratedAnew(world, HOME, (bill) => ({ ...bill, basis: { ...bill.basis!, zone: 'Africa/Lagos' } })));
    expect(await verdict()).toMatchObject(falls(/the day goes by Europe\/London, and the bill by Africa\/Lagos/));
    const zone = 'Europe/Dublin';
    await recordBill(world, await issuedTo(world, HOME));
    await recordFalseBill(world, { source: HOME, account: OWN, usagePoint: HOME, frame: { zone } });
    await recordBill(world, await ratedAnew(world, HOME, (bill) => ({ ...bill, basis: { ...bill.basis!, zone } })));
    expect(await verdict()).toMatchObject(falls(/its time is not that of Europe\/Dublin/));
  });

  it('R9.2-2: is taken at its word for time that it charges, and of which it counts nothing', async () => {
    await recordBill(world, await ratedAnew(world, HOME, undefined, (stream) => !stream.endsWith('25')));
    const about = '2026-10-24T23:00:00.000Z to 2026-10-26T00:00:00.000Z';
    expect(await verdict()).toMatchObject({ days: 2, binding: { onWord: [{ about, why: 'uncovered' }] } });
  });

  it('R9.2-2: is taken at its word for a day that it says was not final', async () => {
    const stream = 'meterday/00124b0000000001/2026-10-25';
    const frame = { stream, day: '2026-10-25', start: Date.UTC(2026, 9, 24, 23) / 1000, slots: 100, minutes: 15 };
    const unread = [{ ...frame, channels: namesOf(ASSET) }];
    const change = (bill: BillComputed) => ({ ...bill, basis: { ...bill.basis!, unread } });
    await recordBill(world, await ratedAnew(world, HOME, change, (one) => one !== stream));
    expect(await verdict()).toMatchObject({ days: 2, binding: { onWord: [{ about: stream, why: 'unread' }] } });
  });

  it('R9.2-2: says otherwise afterwards, and each thing that it does is told', async () => {
    await endTenancy(world.platform.as('enrol'), HOME, NOON);
    const found = await verdict();
    expect(found).toMatchObject({
      binding: {
        onWord: [
          { about: 'account/acc-home-1', why: 'amended' },
          { about: 'usagepoint/home-1', why: 'amended' },
        ],
      },
    });
  });
});

/** Counts of the meter, and ten times the energy. */
function tenfold(event: MeterDayEvent): MeterDayEvent {
  if (event.type === 'ReadingsCollected') {
    const channels = event.data.channels.map((one) => ({ ...one, asset: { ...one.asset, multiplier: 10 } }));
    return { ...event, data: { ...event.data, channels } };
  }
  if (event.type !== 'DayFinalized') return event;
  const channels = event.data.channels.map((one) => ({ ...one, perCount: one.perCount * 10, energyWh: one.energyWh * 10 }));
  return { ...event, data: { ...event.data, channels } };
}
