import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testCustomer } from '../../platform/embedded/test-customer.ts';
import { NOBODY_SIGNED_IN } from '../../platform/ports/customer-sign-in.ts';
import { jsonOf, newPkce, PartyWorld } from './party-world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let world: PartyWorld;
beforeAll(async () => {
  world = await PartyWorld.open({ signIn: NOBODY_SIGNED_IN });
});
afterAll(() => world.close());

describe("the customer's sign-in", () => {
  it('where nobody is signed in, nothing is shown and nothing can be agreed to', async () => {
    const party = await world.party('watt-advice');
    const { request_uri: uri } = jsonOf(await world.push(party, newPkce())) as { request_uri: string };
    const jar = new Map<string, string>();
    const asked = await world.hop(jar, `/oauth/authorize?${new URLSearchParams({ client_id: 'watt-advice', request_uri: uri })}`);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const sent of [{}, { method: 'POST', form: { decision: 'allow' } }]) {
      const answered = await world.browse(asked, { ...sent, headers: { cookie } });
      expect([answered.status, answered.text.includes('watt-advice')]).toEqual([403, false]);
    }
    expect(await Array.fromAsync(world.platform.as('authorization').events.streams('consent/'))).toEqual([]);
  });

  it('the test identity is of the embedded platform, and only bin/ hands it out, where it is told an account', () => {
    const users = ['bin', 'lambdas', 'platform', 'lib', 'topology', 'api']
      .flatMap((room) => readdirSync(join(ROOT, room), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => /import .*test-customer/.test(readFileSync(file, 'utf8')))
      .map((file) => file.slice(ROOT.length + 1));
    expect(users).toEqual(['bin/service.ts']);
    // Deployed, the handler is made with nothing said of a sign-in, and is told then that nobody is signed in.
    expect(readFileSync(join(ROOT, 'lambdas/authorization/aws.ts'), 'utf8')).toMatch(/ALL_DEFENCES, makeAuthorization\);/);
    expect(readFileSync(join(ROOT, 'lambdas/authorization/handler.ts'), 'utf8')).toMatch(/ = \{ [^}]*signIn: NOBODY_SIGNED_IN \}/);
    expect(readFileSync(join(ROOT, 'bin/commands/serve.ts'), 'utf8')).not.toMatch(/testCustomer|test-customer/i);
    expect(() => testCustomer('', world.clock)).toThrow(expect.objectContaining({ code: 'ERR_TEST_CUSTOMER' }));
  });
});
