import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecipientCommand, recipient } from '../../domain/recipient/recipient.ts';
import type { RecipientEvent } from '../../events/index.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REGISTER = {
  type: 'RegisterRecipient',
  recipientId: 'watt-advice',
  name: 'Watt Advice',
  redirectUris: ['https://a.example/cb'],
  at: 1,
} as const;
const FINGERPRINT = 'ab'.repeat(32);

const historyOf = (...commands: RecipientCommand[]) => {
  const events: RecipientEvent[] = [];
  let state = recipient.initial as Parameters<typeof recipient.decide>[1];
  for (const command of commands)
    for (const event of recipient.decide(command, state)) {
      events.push(event);
      state = recipient.evolve(state, event);
    }
  return { events, state };
};

describe('registration', () => {
  it('is recorded once; the same again is nothing, another of the same id is refused', () => {
    expect(historyOf(REGISTER, REGISTER).events).toHaveLength(1);
    expect(() => historyOf(REGISTER, { ...REGISTER, name: 'Somebody else' })).toThrow(
      expect.objectContaining({ code: 'ERR_RECIPIENT_TAKEN' }),
    );
  });

  it.each<[string, Partial<typeof REGISTER> | { redirectUris: string[] }]>([
    ['an id with capitals', { recipientId: 'Watt' as never }],
    ['an id that climbs', { recipientId: '../x' as never }],
    ['no name', { name: ' ' as never }],
    ['a name that breaks lines', { name: 'a\nb' as never }],
    ['no address', { redirectUris: [] }],
    ['an address without TLS', { redirectUris: ['http://a.example/cb'] }],
    ['an address with a fragment', { redirectUris: ['https://a.example/cb#x'] }],
    ['an address with a user', { redirectUris: ['https://a@b.example/'] }],
    ['a script', { redirectUris: ['javascript:alert(1)'] }],
  ])('refuses %s', (_, changed) => {
    expect(() => historyOf({ ...REGISTER, ...changed } as RecipientCommand)).toThrow(
      expect.objectContaining({ code: 'ERR_RECIPIENT_INVALID' }),
    );
  });

  it('keeps who is suspended, which certificates speak, and where to tell', () => {
    const { state, events } = historyOf(
      REGISTER,
      { type: 'AddCertificate', fingerprint: FINGERPRINT, at: 2 },
      { type: 'AddCertificate', fingerprint: FINGERPRINT, at: 2 },
      { type: 'SetWebhook', url: 'https://a.example/hook', types: ['t'], at: 3 },
      { type: 'SuspendRecipient', reason: 'an incident', at: 4 },
    );
    expect(state).toMatchObject({ status: 'suspended', certificates: [FINGERPRINT], endpoint: { url: 'https://a.example/hook' } });
    expect(events.map(({ type }) => type)).toEqual(['RecipientRegistered', 'CertificateAdded', 'WebhookSet', 'RecipientSuspended']);
    expect(() => historyOf({ type: 'SuspendRecipient', reason: 'x', at: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_RECIPIENT_UNKNOWN' }),
    );
  });
});

describe('joulekeep recipient', () => {
  const directory = mkdtempSync(join(tmpdir(), 'joulekeep-recipient-'));
  const state = join(directory, 'state');
  beforeAll(async () => {
    await (await createEmbeddedPlatform({ stateDir: state, clock: { now: () => Date.now() }, timer: false })).close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const run = (...words: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'bin/joulekeep.ts'), 'recipient', ...words, '--state', state], { encoding: 'utf8' });

  it('registers, certifies, takes a public key and no private one, suspends and lists', () => {
    const redirect = ['--redirect', 'https://a.example/cb'];
    expect(run('register', 'watt-advice', '--name', 'Watt Advice', ...redirect).status).toBe(0);
    const out = join(directory, 'out');
    const issued = run('certificate', 'watt-advice', '--out', out);
    expect([issued.status, issued.stderr]).toEqual([0, '']);
    expect(readFileSync(join(out, 'watt-advice.crt.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(run('certificate', 'watt-advice', '--out', out).status).toBe(2);
    expect(run('certificate', 'nobody-here', '--out', join(directory, 'other')).status).toBe(2);
    const files = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = (name: string, text: string | Buffer) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const secret = pem('secret.pem', files.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const known = pem('public.pem', files.publicKey.export({ type: 'spki', format: 'pem' }));
    expect(run('key', 'watt-advice', '--key', secret).status).toBe(2);
    expect(run('key', 'watt-advice', '--key', known).status).toBe(0);
    expect(run('suspend', 'watt-advice', '--reason', 'an incident').stdout).toContain('suspended');
    expect(run('list').stdout).toBe('watt-advice  suspended  Watt Advice  https://a.example/cb  1 certificate\n');
    for (const words of [
      ['suspend', 'nope', '--reason', 'x'],
      ['resume', 'nope'],
      ['key', 'nope', '--key', known],
    ])
      expect(run(...words)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('nope: there is no such third party; joulekeep recipient list'),
      });
  });
});
