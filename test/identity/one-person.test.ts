import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { certificateCommand } from '../../bin/commands/certificate.ts';
import { signInCommand } from '../../bin/commands/sign-in.ts';
import { actingPerson } from '../../bin/terminal/person.ts';
import { SessionCheck } from '../../platform/doors/session-check.ts';
import { PersonAuthorizer } from '../../platform/embedded/https/person-authorizer.ts';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import type { Identity } from '../../platform/ports/authorizer.ts';
import { Sessions } from '../../platform/ports/sessions.ts';
import { newKey, proofOf } from '../session/proofs.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';

const clock = { now: () => Date.now() };
let folder: string;
let state: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-one-person-'));
  state = join(folder, 'state');
  await (await createEmbeddedPlatform({ stateDir: state, clock, timer: false })).close();
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

it('R9.1-1: nobody acts at a terminal by a certificate whose time is over, or that is revoked, or in another role', async () => {
  const time = new ManualClock(Date.UTC(2026, 0, 15));
  const { people, close } = await createEmbeddedPlatform({ stateDir: join(folder, 'another'), clock: time, timer: false });
  const der = await people.issue('sue', 'supervisor', (await deviceKey('sue')).csr);
  const end = Date.parse(new X509Certificate(der).validTo);
  const act = (role = 'supervisor') => actingPerson(people, 'sue', role);
  expect(act()).toBe('sue');
  expect(() => act('editor')).toThrow('no certificate in force');
  time.advance(end - time.now());
  expect(act()).toBe('sue');
  time.advance(1);
  expect(() => act()).toThrow('no certificate in force');
  const renewed = await people.issue('sue', 'supervisor', (await deviceKey('sue')).csr);
  expect(act()).toBe('sue');
  await people.revoke(new X509Certificate(renewed).fingerprint256.replaceAll(':', '').toLowerCase());
  expect(() => act()).toThrow('no certificate in force');
  await close();
});

async function issue(name: string, role: string, ...more: string[]): Promise<void> {
  const words = ['issue', '--name', name, '--role', role, '--out', join(folder, `${name}-${role}`), '--state', state, ...more];
  await certificateCommand().exitOverride().parseAsync(words, { from: 'user' });
}

async function add(name: string, role: string, ...more: string[]): Promise<void> {
  await signInCommand()
    .exitOverride()
    .parseAsync(['add', name, '--role', role, '--state', state, ...more], { from: 'user' });
}

describe('a human who comes by certificate and by sign-in', () => {
  it('C10.1-2: is one person by the same name, so that nobody is their own second', async () => {
    const platform = await createEmbeddedPlatform({ stateDir: state, clock, timer: false });
    try {
      const defences = defencesUnderTest();
      const sessions = new Sessions({ ...platform.as('session'), wall: clock });
      const authorizer = new PersonAuthorizer(platform.people, clock, defences, new SessionCheck({ sessions, wall: clock, defences }));
      const certificate = await platform.people.issue('susan', 'supervisor', (await deviceKey('susan')).csr);
      const key = newKey();
      const signedIn = {
        person: 'susan',
        role: 'supervisor',
        keyThumbprint: key.thumbprint,
        signedInAt: Date.now(),
        method: 'passkey',
        device: 'x',
      } as const;
      const { token } = await sessions.begin(signedIn);
      const [method, url] = ['POST', 'https://localhost/v1/x'] as const;
      const proof = await proofOf(key, { htm: method, htu: url, at: Date.now(), token });
      const session: Identity = { certificate: undefined, authorization: `DPoP ${token}`, proof, method, url };
      const route = { roles: ['supervisor'] as const };
      const both = await Promise.all([authorizer.authorize({ certificate }, route), authorizer.authorize(session, route)]);
      expect(both.map((one) => one.allowed && `${one.person} ${one.role}`)).toEqual(['susan supervisor', 'susan supervisor']);
    } finally {
      await platform.close();
    }
  });

  it('C10.1-2: has no other role by the other way, in either order', async () => {
    await issue('susan', 'supervisor');
    await expect(add('susan', 'operator')).rejects.toThrow('susan has a certificate as supervisor');
    await add('susan', 'supervisor');
    await add('olga', 'operator');
    await expect(issue('olga', 'supervisor')).rejects.toThrow('olga has a sign-in as operator');
    await issue('olga', 'operator');
  });

  it('C10.1-2: has no second name, where the utility says which human it is', async () => {
    await issue('susan', 'supervisor', '--human', 'personnel 4711');
    await expect(add('sue', 'operator', '--human', 'personnel 4711')).rejects.toMatchObject({ code: 'ERR_PERSON_TWICE' });
    await expect(add('susan', 'supervisor', '--human', 'personnel 4712')).rejects.toMatchObject({ code: 'ERR_PERSON_TWICE' });
    await add('susan', 'supervisor', '--human', 'personnel 4711');
    await add('peter', 'supervisor', '--human', 'personnel 4712');
  });
});
