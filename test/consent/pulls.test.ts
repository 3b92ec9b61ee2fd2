import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SharingHistory, SharingList, SharingReceipt } from '../../api/customer-account.ts';
import type { DataDisclosed } from '../../events/index.ts';
import type { AccountDesk } from '../../lambdas/account-api/account-desk.ts';
import { endSharing, listSharing, showSharing } from '../../lambdas/account-api/sharing.ts';
import { Consents } from '../../lambdas/consent/consents.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ACCOUNT, ConsentWorld, RECIPIENT, WINDOW } from './consent-world.ts';

/** Ten minutes of a third party that pulls as often as it may. */
const PULLS = 3_000;

let world: ConsentWorld;
let consent: string;
/** Events that whoever shows them has read. */
let read: number;
beforeEach(async () => {
  world = await ConsentWorld.make();
  consent = await world.grant();
  read = 0;
  await pulls(PULLS);
  // The next that it discloses tells how the consent stands.
  await world.page(consent);
});

async function pulls(count: number): Promise<void> {
  const { events } = world.api;
  const data: DataDisclosed = {
    ...{
      recipient: RECIPIENT,
      requestId: 'r',
      via: 'pull',
      dataClasses: ['usage'],
      resolution: 'hour',
      ...WINDOW,
      usagePoints: ['home-1'],
    },
    ...{ rows: 1, hash: 'ab'.repeat(32), at: world.world.clock.now() },
  };
  for (let n = 0; n < count; n++) {
    const head = await events.latest(`consent/${consent}`);
    const commitId = createHash('sha256').update(String(head.version)).digest();
    await events.append(head, { commitId, events: [{ type: 'DataDisclosed', data }] }).durable;
  }
}

/** A process that has nothing in memory. */
function desk(): AccountDesk {
  const platform = world.world.as('account-api');
  const { events } = platform;
  const counting: typeof events.read = async function* (...asked) {
    for await (const commit of events.read(...asked)) {
      read += commit.events.length;
      yield commit;
    }
  };
  const store = new Proxy(events, {
    get: (of, name) => {
      if (name === 'read') return counting;
      const value: unknown = Reflect.get(of, name);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  const counted = { ...platform, events: store };
  return { ...counted, consents: new Consents(counted, defencesUnderTest()) } as unknown as AccountDesk;
}

const asked = () => ({ caller: { person: ACCOUNT, role: 'customer' }, path: { consent } }) as never;
const list = async (at: AccountDesk) => ((await listSharing(at, asked())).body as SharingList).sharing[0]!;

describe('a consent that was pulled by thousands', () => {
  it('R9.3-4, C10.1-8: is shown by reading what came since it was noted, and then what came since it was shown', async () => {
    const first = desk();
    expect(await list(first)).toMatchObject({ accesses: PULLS + 1, status: 'granted' });
    expect(read).toBeLessThan(300);
    read = 0;
    await pulls(7);
    expect((await list(first)).accesses).toBe(PULLS + 8);
    expect(read).toBe(7);
  });

  it('R9.3-4: has its last thousand deliveries shown, by reading not many more', async () => {
    world.world.clock.advance(1_000);
    await world.ask(consent, { resolution: 'interval', requestId: 'r-2' });
    const { deliveries } = (await showSharing(desk(), asked())).body as SharingHistory;
    expect(deliveries).toHaveLength(1_000);
    expect(deliveries[0]).toMatchObject({ outcome: 'refused' });
    expect(read).toBeLessThan(2_500);
  });

  it('R9.3-4: is ended by reading no more, and the receipt names the commit', async () => {
    const { body } = await endSharing(desk(), asked());
    expect(read).toBeLessThan(2_000);
    expect((body as SharingReceipt).version).toBe(PULLS + 2);
    expect(await world.ask(consent)).toMatchObject({ outcome: 'refused', why: 'consent-revoked' });
  });

  it('R9.3-4: is shown as its stream says where what was noted is of commits that a restore took away', async () => {
    const { directory } = world.api;
    const key = `consent-standing/consent/${consent}`;
    const noted = JSON.parse((await directory.get(key))!.toString());
    const state = { ...noted.state, status: 'revoked', accesses: 99_999 };
    for (const forged of [
      { ...noted, hash: 'ab'.repeat(32), state },
      { ...noted, version: PULLS * 2, state },
    ]) {
      await directory.put([{ key, value: Buffer.from(JSON.stringify(forged)) }]);
      expect(await list(desk())).toMatchObject({ accesses: PULLS + 1, status: 'granted' });
    }
  });

  it('R9.3-4: is disclosed by its stream alone, whatever was noted', async () => {
    await world.consents.revoke({ account: ACCOUNT }, consent);
    const { directory } = world.api;
    const key = `consent-standing/consent/${consent}`;
    const noted = JSON.parse((await directory.get(key))!.toString());
    expect(noted.state.status).toBe('granted');
    world.restart();
    expect(await world.ask(consent)).toMatchObject({ outcome: 'refused', why: 'consent-revoked' });
  });
});
