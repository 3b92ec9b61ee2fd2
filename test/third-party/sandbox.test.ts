import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRANTS } from '../../topology/grants.ts';
import { KEY_TABLE } from '../../topology/key-table.ts';
import { KMS_KEYS } from '../../topology/keys.ts';
import { jsonOf, PartyWorld } from './party-world.ts';

let world: PartyWorld;
beforeAll(async () => {
  world = await PartyWorld.open();
});
afterAll(() => world.close());

const BASE = '/sandbox/espi/1_1/resource/Batch/Subscription';
const register = async (name: string) =>
  jsonOf(await world.browse('/sandbox/clients', { method: 'POST', json: { name } })) as unknown as {
    accessToken: string;
    clientId: string;
    resourceUri: string;
    subscriptions: string[];
  };
const pull = (path: string, token: string, accept = 'application/json') =>
  world.browse(path, { headers: { authorization: `Bearer ${token}`, accept } });

describe('the sandbox', () => {
  it('takes whoever comes, without approval, and the same client again', async () => {
    const client = await register('my first client');
    expect(client.clientId).toMatch(/^sandbox-[0-9a-f]{16}$/);
    expect(await register('my first client')).toEqual(client);
  });

  it('has a year of data, page by page, the same at every call', async () => {
    const { accessToken, resourceUri } = await register('reader');
    let next: string | undefined = resourceUri;
    let hours = 0;
    let pages = 0;
    while (next !== undefined) {
      const [one, again] = [await pull(next, accessToken), await pull(next, accessToken)];
      expect(one.text).toBe(again.text);
      const body = jsonOf(one) as { series: { rows: unknown[] }[]; next?: string };
      hours += body.series[0]!.rows.length;
      pages++;
      next = body.next;
    }
    expect([hours, pages]).toEqual([365 * 24, 12]);
  });

  it('answers Green Button, and each problem that a client has to cope with', async () => {
    const { accessToken, resourceUri, subscriptions } = await register('tester');
    const xml = await pull(resourceUri, accessToken, 'application/atom+xml');
    expect(xml.text).toContain('<IntervalReading>');
    const problems = subscriptions.filter((name) => name !== 'with-data');
    expect(problems.length).toBeGreaterThan(5);
    for (const name of problems) expect(jsonOf(await pull(`${BASE}/${name}`, accessToken))['type']).toBe(`urn:joulekeep:problem:${name}`);
    expect((await pull(resourceUri, 'something-else')).status).toBe(401);
    expect((await pull(`${BASE}/nothing-here`, accessToken)).status).toBe(404);
    expect((await pull(`${resourceUri}?cursor=1`, accessToken)).status).toBe(400);
  });

  it('opens no door to real data: its principal may do nothing, its code has no platform, and its token is no token there', async () => {
    const granted = Object.values(GRANTS.sandbox).filter((value) => value === true || (Array.isArray(value) && value.length > 0));
    expect(granted).toEqual([]);
    for (const { allow } of [...KMS_KEYS, ...KEY_TABLE]) expect(Object.keys(allow)).not.toContain('sandbox');
    for (const file of ['handler.ts', 'sandbox.ts', 'made-up.ts'])
      expect(readFileSync(join(import.meta.dirname, '../../lambdas/sandbox', file), 'utf8')).not.toMatch(/platform\//);
    const party = await world.party('watt-advice');
    const { accessToken } = await register('thief');
    const path = `/espi/1_1/resource/Batch/Subscription/${'x'.repeat(32)}`;
    const answered = await world.call(path, party, { headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' } });
    expect([answered.status, jsonOf(answered)['type']]).toEqual([401, 'urn:joulekeep:problem:token-invalid']);
  });
});
