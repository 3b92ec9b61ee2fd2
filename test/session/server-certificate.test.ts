import { readFileSync } from 'node:fs';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionWorld } from './session-world.ts';

let world: SessionWorld;
let other: SessionWorld;
beforeAll(async () => {
  [world, other] = await Promise.all([SessionWorld.open(), SessionWorld.open()]);
});
afterAll(() => Promise.all([world.close(), other.close()]));

/** What a client makes of a listener: `trusted`, or why it goes no further. */
async function judged(address: string, options: ConnectionOptions): Promise<string> {
  const socket = tlsConnect({ port: Number(new URL(address).port), host: '127.0.0.1', ...options });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('secureConnect', () => resolve('trusted'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'refused'));
  });
  socket.destroy();
  return outcome;
}

describe.each(['portal', 'console', 'provider'] as const)('who answers for the %s', (place) => {
  const address = () => (place === 'provider' ? world.issuer : world.addressOf(place));
  const ca = () => world.platform.ca.rootPem;

  it('R9.2-3, T8.3-3: is known by a certificate of the utility’s root in its own name, and by nothing else', async () => {
    expect(await judged(address(), { ca: ca(), servername: 'localhost' })).toBe('trusted');
    const strangers = [
      { servername: 'localhost' },
      { ca: other.platform.ca.rootPem, servername: 'localhost' },
      { ca: ca(), servername: 'portal.example' },
    ];
    const why = await Promise.all(strangers.map((options) => judged(address(), options)));
    expect(
      why.slice(0, 2).every((code) => /SELF_SIGNED|UNABLE_TO|CERT/.test(code)),
      why.join(),
    ).toBe(true);
    expect(why[2]).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('what the service writes down', () => {
  it('T8.3-3: names no account, no person, no passphrase and no token, whatever somebody tries', async () => {
    const anna = await world.known('anna-of-the-mill', { kind: 'customer', account: 'account-70001' });
    const browser = await world.signedIn('portal', anna);
    const { token } = browser.session!;
    await browser.call('GET', '/v1/me');
    await browser.call('GET', '/v1/me', null);
    await browser.call('GET', `/v1/me/points/${token}/today`);
    const guess = await world.browser();
    await guess.passphrase((await guess.ask()).place, { ...anna, passphrase: 'a-wrong-passphrase' });
    await guess.begin('not.a.token');
    const log = readFileSync(`${world.directory}/state/log.jsonl`, 'utf8');
    expect(log).toContain('request refused');
    expect(log).toContain('sign-in refused');
    for (const secret of ['anna-of-the-mill', 'account-70001', anna.passphrase, 'a-wrong-passphrase', token, browser.key.thumbprint])
      expect(log.includes(secret), secret.slice(0, 8)).toBe(false);
  });
});
