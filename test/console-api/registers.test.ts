import { beforeEach, describe, expect, it } from 'vitest';
import { JoulekeepError } from '../../events/index.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { endsBetween, endsOf, noteEnds } from '../../lambdas/shared/devices/certificate-ends.ts';
import { noteKeyAges, readKeyAges } from '../../lambdas/shared/keys/key-ages.ts';
import { RegisteredCallers } from '../../platform/aws/doors/callers.ts';
import { CALLERS } from '../../topology/callers.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { MemoryWorld } from '../support/memory-platform.ts';

const DAY_MS = 86_400_000;
const YEARS_5 = 5 * 365 * DAY_MS;
let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

describe('ends of certificates', () => {
  const issued = async (thing: string) => world.devices.issueCertificate(thing, 'concentrator', (await deviceKey(thing)).csr);

  it('are known of every concentrator that is enrolled, also when it is enrolled again', async () => {
    const certificate = await issued('dc-north');
    for (let i = 0; i < 2; i++) await enrolRelay(world.as('enrol'), 'north', certificate);
    const [end, none] = await endsOf(world.directory, ['dc-north', 'dc-south']);
    expect(end).toMatchObject({ thing: 'dc-north', role: 'concentrator', notAfter: world.clock.now() + YEARS_5 });
    expect(none).toBeUndefined();
  });

  it('are found by their day, first ends first, and no more than asked for', async () => {
    for (let i = 0; i < 4; i++) {
      const thing = `dc-${i}`;
      await noteEnds(world.directory, [{ thing, role: 'concentrator', certificate: await issued(thing) }]);
      world.clock.advance(10 * DAY_MS);
    }
    const first = world.clock.now() - 40 * DAY_MS + YEARS_5;
    const things = async (from: number, until: number, most = 10) =>
      (await endsBetween(world.directory, { from, until }, most)).map(({ thing }) => thing);
    expect(await things(first, first)).toEqual(['dc-0']);
    expect(await things(first - DAY_MS, first + 21 * DAY_MS)).toEqual(['dc-0', 'dc-1', 'dc-2']);
    expect(await things(first, first + 40 * DAY_MS, 2)).toEqual(['dc-0', 'dc-1']);
    expect(await things(first + DAY_MS, first + 9 * DAY_MS)).toEqual([]);
  });

  it('of what is no certificate are not noted', async () => {
    await noteEnds(world.directory, [{ thing: 'dc-x', role: 'concentrator', certificate: Buffer.from('none') }]);
    expect([...world.directory.entries.keys()]).toEqual([]);
  });
});

describe('the register of callers on AWS', () => {
  it('is listed with ends where they are said; issuers and what is no entry are not callers', async () => {
    const entry = (value: unknown) => Buffer.from(JSON.stringify(value));
    await world.directory.put([
      { key: `${CALLERS.issuerPrefix}operator`, value: Buffer.from('der') },
      { key: `${CALLERS.prefix}aa`, value: entry({ name: 'ann', role: 'auditor', status: 'active', notAfter: '2026-03-01T00:00:00Z' }) },
      { key: `${CALLERS.prefix}bb`, value: entry({ name: 'bob', role: 'operator', status: 'revoked' }) },
      { key: `${CALLERS.prefix}cc`, value: entry({ name: 'Eve', role: 'king' }) },
    ]);
    const callers = new RegisteredCallers(world.directory);
    expect(await callers.callers(10)).toEqual([
      { subject: 'ann', role: 'auditor', status: 'active', notAfter: Date.UTC(2026, 2, 1) },
      { subject: 'bob', role: 'operator', status: 'revoked', notAfter: null },
    ]);
    expect(await callers.callers(1)).toHaveLength(1);
  });
});

describe('ages of keys', () => {
  const service = (generations: Readonly<Record<string, number>>) => ({
    newestGeneration: async (id: string) => {
      const generation = generations[id];
      if (generation === undefined) throw new JoulekeepError('ERR_KMS_NOT_FOUND', 'no such key');
      return { id: `${id}-${generation}`, createdAt: generation * 1_000 };
    },
  });

  it('are kept of each generation that was seen, and written only when one is new', async () => {
    const operator = world.as('operator-cli');
    await noteKeyAges(operator, service({ agreement: 1 }));
    await noteKeyAges(operator, service({ agreement: 2, handshake: 1 }));
    let puts = 0;
    const counting = { objects: { ...operator.objects, get: operator.objects.get.bind(operator.objects), put: async () => void puts++ } };
    await noteKeyAges(counting, service({ agreement: 2 }));
    expect(puts).toBe(0);
    expect(await readKeyAges(operator)).toEqual({
      keys: {
        agreement: [
          { generation: 1, since: 1_000 },
          { generation: 2, since: 2_000 },
        ],
        handshake: [{ generation: 1, since: 1_000 }],
      },
    });
  });
});
