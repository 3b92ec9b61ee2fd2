import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyCommand } from '../../bin/commands/key.ts';
import { install } from '../../bin/service/service.ts';
import { withState } from '../../bin/service/state.ts';
import { HomeDisplay } from '../../devices/home-display/display.ts';
import { PRICE_TYP } from '../../events/index.ts';
import { displayKeys, tellDisplayKeys } from '../../lambdas/prices/key-list.ts';
import { JwsSigner } from '../../lambdas/shared/feeds/jws-signer.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { openKeyList } from '../../protocol/key-list.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { LIMITS, MemoryRecord } from './price-world.ts';

const clock = { now: () => Date.now() };
let state: string;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'joulekeep-withdrawn-'));
  const platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
  await install(platform, clock);
  for (const [name, role] of [
    ['sid', 'security-officer'],
    ['susan', 'supervisor'],
    ['olga', 'operator'],
  ] as const)
    await platform.people.issue(name, role, (await deviceKey(name)).csr);
  await platform.close();
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(state, { recursive: true });
});

async function withdraw(id: string, generation: number, as = 'sid', second = 'susan'): Promise<void> {
  const words = ['withdraw', id, '--generation', String(generation), '--reason', 'seen in the wild', '--as', as, '--second', second];
  const command = keyCommand();
  for (const one of command.commands) one.exitOverride();
  await command.exitOverride().parseAsync([...words, '--state', state], { from: 'user' });
}

/** The list in force, the root that displays pin, and an event of demand response as the thief signs it. */
async function asItStands(generation: number) {
  return await withState(state, async (platform) => {
    const root = createPublicKey(platform.ca.manifestRoot.publicKey.export({ format: 'pem', type: 'spki' }));
    return { root, keys: (await displayKeys(platform.as('operator-cli')))!, kids: await kidsOf(generation, platform.as('prices').kms) };
  });
}

async function kidsOf(generation: number, kms: ConstructorParameters<typeof JwsSigner>[0]) {
  const header = async (id: string) => {
    const compact = await new JwsSigner(kms, id, PRICE_TYP.price).sign({}).catch((error: { code: string }) => error.code);
    return compact.includes('.')
      ? (JSON.parse(Buffer.from(compact.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid
      : compact;
  };
  return { old: await header(`price-${generation}`), now: await header('price') };
}

describe('a signing key that is withdrawn', () => {
  it('T8.3-1: is on no list from then on, signs nothing, and its successor does', async () => {
    const before = await asItStands(1);
    expect(before.kids.old).toBe(before.kids.now);
    expect(listed(before)).toContain(before.kids.old);
    await withdraw('price', 1);
    const after = await asItStands(1);
    expect(after.kids.old).toBe('ERR_KMS_DISABLED');
    expect(listed(after)).toContain(after.kids.now);
    expect(listed(after)).not.toContain(before.kids.old);
    // Nor on any list after, however the keys change.
    await withState(state, async (platform) => {
      await platform.kms.admin.rotate('tariff');
      await tellDisplayKeys(platform.as('operator-cli'), platform.kms.admin, (bytes) => platform.ca.manifestRoot.sign(bytes));
    });
    expect(listed(await asItStands(1))).not.toContain(before.kids.old);
  });

  it('is withdrawn once: again it says by whom it was, and changes nothing', async () => {
    await withdraw('price', 1);
    const before = await asItStands(1);
    await withdraw('price', 1);
    expect(String(vi.mocked(process.stdout.write).mock.lastCall![0])).toMatch(
      /^price-1 .+ is withdrawn already, by sid with susan: seen in the wild\n$/,
    );
    expect((await asItStands(1)).kids).toEqual(before.kids);
  });

  it('T8.3-1, R9.2-3: is refused by a display from its next refresh of the list on, whatever it signed before', async () => {
    const before = await asItStands(1);
    const stolen = await withState(state, (platform) =>
      new JwsSigner(platform.as('prices').kms, 'demand-response-1', PRICE_TYP.demandResponse).sign({ made: 'up' }),
    );
    const display = new HomeDisplay({
      ...{ zone: 'north', programs: ['peak'], root: before.root, record: new MemoryRecord(), clock, random: randomBytes, identity: '' },
      ...{ limits: LIMITS, defences: defencesUnderTest() },
    });
    const reasonOf = () => {
      display.take(stolen);
      return display.reports.at(-1)?.reason;
    };
    display.take(before.keys);
    // Genuine, and looked into: that is what the thief needs.
    expect(reasonOf()).toBe('not-readable');
    await withdraw('demand-response', 1);
    display.take((await asItStands(1)).keys);
    expect(reasonOf()).toBe('unknown-key');
  });

  it('a key that is replaced in the usual way stays listed, which is why there is another way', async () => {
    const before = await asItStands(1);
    await withState(state, async (platform) => {
      await platform.kms.admin.rotate('price');
      await tellDisplayKeys(platform.as('operator-cli'), platform.kms.admin, (bytes) => platform.ca.manifestRoot.sign(bytes));
    });
    expect(listed(await asItStands(1))).toContain(before.kids.old);
  });

  it('is withdrawn by a security officer, with somebody else, for a reason, and is one of ours', async () => {
    await expect(withdraw('price', 1, 'sid', 'sid')).rejects.toThrow('somebody else has to agree');
    await expect(withdraw('price', 1, 'olga', 'susan')).rejects.toThrow('no certificate in force');
    await expect(withdraw('price', 1, 'sid', 'olga')).rejects.toThrow('no certificate in force');
    await expect(withdraw('retention', 1)).rejects.toThrow('is expected');
    await expect(withdraw('price', 7)).rejects.toThrow('price-7: there is price-1; joulekeep key list');
    const { kids } = await asItStands(1);
    expect(kids.old).toBe(kids.now);
  });

  it.each(['application', 'webhook', 'operator-feed', 'third-party-feed'])('%s has a successor and signs with it', async (id) => {
    await withdraw(id, 1);
    await withState(state, async (platform) => {
      expect((await platform.kms.admin.newestGeneration(id)).id).toBe(`${id}-2`);
    });
  });
});

function listed({ root, keys }: { readonly root: KeyObject; readonly keys: string }): readonly string[] {
  return openKeyList(keys, root)!.keys.map(({ kid }) => kid);
}
