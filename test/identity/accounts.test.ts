import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignInAccounts } from '../../platform/embedded/identity/accounts.ts';
import { SessionWorld } from '../session/session-world.ts';

const directory = mkdtempSync(join(tmpdir(), 'joulekeep-sign-ins-'));
const file = join(directory, 'identity.db');
let accounts: SignInAccounts;

beforeAll(() => {
  accounts = new SignInAccounts(file);
});
afterAll(() => {
  accounts.close();
  rmSync(directory, { recursive: true });
});

describe('who may sign in', () => {
  it('C10.2-1: is known by name and passphrase, which is told once and kept nowhere', async () => {
    const passphrase = await accounts.add('anna', { kind: 'customer', account: 'account-00001' });
    expect(passphrase).toMatch(/^([2-9a-z]{5}-){4}[2-9a-z]{5}$/);
    expect(await accounts.check('anna', passphrase)).toMatchObject({ name: 'anna', kind: 'customer', account: 'account-00001' });
    expect(await accounts.check('anna', ` ${passphrase.toUpperCase()} `)).toMatchObject({ name: 'anna' });
    for (const wrong of ['', passphrase.slice(1), `${passphrase}a`]) expect(await accounts.check('anna', wrong)).toBeUndefined();
    expect(await accounts.check('bert', passphrase)).toBeUndefined();
    for (const end of ['', '-wal']) expect(readFileSync(`${file}${end}`).includes(passphrase)).toBe(false);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('gets another passphrase, after which the first is worth nothing', async () => {
    const first = await accounts.add('cora', { kind: 'person', role: 'auditor' });
    accounts.passkeys.add({
      ...{
        id: 'a-key',
        owner: accounts.find('cora')!.id,
        publicKey: new Uint8Array(1),
        counter: 0,
        transports: [],
        label: 'x',
        createdAt: 0,
      },
    });
    const second = await accounts.reset('cora');
    expect(await accounts.check('cora', first)).toBeUndefined();
    expect(await accounts.check('cora', second)).toMatchObject({ role: 'auditor' });
    expect(accounts.passkeys.of(accounts.find('cora')!.id)).toEqual([]);
  });

  it('is gone when removed, passkeys and all', async () => {
    const passphrase = await accounts.add('dora', { kind: 'person', role: 'operator' });
    const { id } = accounts.find('dora')!;
    accounts.passkeys.add({
      ...{ id: 'b-key', owner: id, publicKey: new Uint8Array(1), counter: 0, transports: [], label: 'x', createdAt: 0 },
    });
    accounts.remove('dora');
    expect(await accounts.check('dora', passphrase)).toBeUndefined();
    expect(accounts.passkeys.find('b-key')).toBeUndefined();
    expect(() => accounts.remove('dora')).toThrow(expect.objectContaining({ code: 'ERR_SIGN_IN_UNKNOWN' }));
  });

  it.each(['', 'Anna', 'an na', '-anna', 'anna\n', 'a'.repeat(64), 'public', 'editing', 'session'])('nobody is named %j', async (name) => {
    await expect(accounts.add(name, { kind: 'person', role: 'operator' })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_NAME' });
  });

  it('has one name, and an account that can be one', async () => {
    await accounts.add('emil', { kind: 'customer', account: 'account-00005' });
    await expect(accounts.add('emil', { kind: 'person', role: 'supervisor' })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_TAKEN' });
    await expect(accounts.add('fay', { kind: 'customer', account: '../x' })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ACCOUNT' });
  });
});

describe('guessing', () => {
  it('C10.2-1: tells no name that is somebody’s from one that is nobody’s, and is slowed down by name', async () => {
    const world = await SessionWorld.open({ rateLimits: true });
    try {
      const anna = await world.known('anna', { kind: 'customer', account: 'account-00001' });
      const browser = await world.browser();
      const { place } = await browser.ask();
      const guess = async (name: string, passphrase = 'wrong') => {
        const { status, text } = await browser.passphrase(place, { name, passphrase });
        return [status, text] as const;
      };
      const somebody = await guess('anna');
      expect(somebody[0]).toBe(401);
      expect(await guess('nobody')).toEqual(somebody);
      for (let i = 0; i < 4; i++) expect([await guess('anna'), await guess('nobody')]).toEqual([somebody, somebody]);
      const slower = await guess('anna', anna.passphrase);
      expect(slower[0]).toBe(429);
      expect(await guess('nobody')).toEqual(slower);
      expect(await guess('somebody-else')).toEqual(somebody);
    } finally {
      await world.close();
    }
  });

  it('T8.3-2: shuts out nobody but whoever guesses, and opens no more sign-ins than one browser needs', async () => {
    const world = await SessionWorld.open({ rateLimits: true });
    try {
      const anna = await world.known('anna', { kind: 'customer', account: 'account-00001' });
      const [hostile, honest] = [await world.browser(), await world.browser()];
      const places = [(await hostile.ask()).place, (await honest.ask()).place] as const;
      for (let i = 0; i < 6; i++) await hostile.passphrase(places[0], { name: 'anna', passphrase: 'wrong' });
      expect((await hostile.passphrase(places[0], anna)).status).toBe(429);
      const from = '127.0.0.9';
      const form = { name: 'anna', passphrase: anna.passphrase };
      expect((await honest.atProvider(`${places[1]}/passphrase`, { method: 'POST', form, from })).status).toBe(303);
      const flood = await Promise.all(Array.from({ length: 150 }, () => world.send(`${world.issuer}/auth`, {})));
      expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([400, 429]));
      expect((await world.send(`${world.issuer}/auth`, { from })).status).toBe(400);
    } finally {
      await world.close();
    }
  });

  it('C10.2-1: is slowed down by address, whatever the names', async () => {
    const world = await SessionWorld.open({ rateLimits: true });
    try {
      const browser = await world.browser();
      const { place } = await browser.ask();
      const guesses = Array.from({ length: 30 }, (_, i) => browser.passphrase(place, { name: `name-${i}`, passphrase: 'x' }));
      const statuses = (await Promise.all(guesses)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
    } finally {
      await world.close();
    }
  });
});
