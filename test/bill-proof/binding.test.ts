import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BillProof } from '../../api/bill-proof.ts';
import { verifyProof } from '../../bin/proof/verify-proof.ts';
import type { MeterDayEvent } from '../../events/index.ts';
import { publishTariff } from '../../lambdas/billing/publish-tariff.ts';
import { endTenancy } from '../../lambdas/register/tenancy.ts';
import { issuedTo, record, recordBill, recordFalseBill } from './false-bills.ts';
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

async function verdict(stream = billOf(HOME), account = OWN) {
  await world.log();
  return verifyProof(await world.prove(HOME, { stream, account }), await world.trust());
}

const falls = (told: RegExp) => ({ fault: 'binding', what: expect.stringMatching(told) });

describe('a proof binds the days to the customer', () => {
  it('R9.2-2, C10.1-7: with account and usage point shown as a whole, and nothing left to the utility’s word', async () => {
    const text = await world.prove(HOME);
    expect(verifyProof(text, await world.trust())).toMatchObject({ days: 3, binding: { onWord: [] } });
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
    // Ten times the energy at lines of one time: what is wrong now is the sum.
    expect(await verdict()).toMatchObject({ fault: 'lines' });
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
