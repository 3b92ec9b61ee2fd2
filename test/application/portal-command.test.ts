import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Service } from '../../bin/service/service.ts';
import { askOver } from '../../bin/site/live.ts';
import { MOST_LIFE_MS } from '../../protocol/application/manifest.ts';
import { APPLICATIONS } from '../../topology/site-config.ts';
import { builtSite } from './support/release.ts';

const JOULEKEEP = fileURLToPath(new URL('../../bin/joulekeep.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-portal-'));
const stateDir = join(folder, 'state');
const builtIn = join(folder, 'web');
const ca = join(folder, 'ca.pem');
const key = join(folder, 'key.pem');
let service: Service;

/** The site says where people sign in: another port would be another site. */
let identityPort = 0;

async function boot(): Promise<Service> {
  const booted = await Service.boot({
    stateDir,
    clock: { now: () => Date.now() },
    timer: false,
    applications: { builtIn },
    doorPorts: { identity: identityPort },
  });
  identityPort = Number(new URL(booted.doors.identity.endpoints.issuer).port);
  return booted;
}

function build(script: string): void {
  for (const application of APPLICATIONS) {
    for (const [path, body] of builtSite(script)) {
      mkdirSync(dirname(join(builtIn, application, path)), { recursive: true });
      writeFileSync(join(builtIn, application, path), body);
    }
  }
}

function portal(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [JOULEKEEP, 'portal', ...args], (failed, out, error) =>
      resolve({ code: failed === null ? 0 : Number(failed.code), out, error }),
    );
  });
}

beforeAll(async () => {
  build('globalThis.ran = true;');
  service = await boot();
  writeFileSync(ca, service.platform.ca.rootPem);
  await service.close();
  writeFileSync(key, (await portal('key', '--state', stateDir)).out);
  service = await boot();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('joulekeep portal', () => {
  it('R9.2-5: verifies both sites of a service that runs, file by file, with nothing but key and certificate', async () => {
    const customer = await portal('verify', service.doors.customer.url, '--key', key, '--ca', ca);
    const lines = ['manifest.jws', ...builtSite().keys(), 'config.json', '/'].sort().map((path) => `ok    ${path}`);
    const said = customer.out.trim().split('\n');
    expect(said.slice(0, -1).sort()).toEqual(lines.sort());
    const [, before, until, after] = /^(.*), good until (\S+), (.*)$/.exec(said.at(-1)!) ?? [];
    expect([before, after]).toEqual([`${service.doors.customer.url} is what was signed: version 1`, `${lines.length} answers`]);
    // By the machine's clock, whatever time the service plays.
    expect(Math.abs(Date.parse(until!) - Date.now() - MOST_LIFE_MS)).toBeLessThan(3_600_000);
    expect(customer.code).toBe(0);
    const console = await portal('verify', service.doors.console.url, '--application', 'console', '--key', key, '--ca', ca);
    expect([console.code, console.error]).toEqual([0, '']);
  });

  it('R9.2-5, I8: says what differs and ends with 1: another application, an older version than was seen', async () => {
    const trusted = ['--key', key, '--ca', ca];
    const other = await portal('verify', service.doors.console.url, ...trusted);
    expect([other.code, other.out.split('\n')[0]]).toEqual([1, 'FAIL  manifest.jws  another-application']);
    const older = await portal('verify', service.doors.customer.url, ...trusted, '--at-least', '2');
    expect([older.code, older.out.split('\n')[0]]).toEqual([1, 'FAIL  manifest.jws  older-version']);
  });

  it('says in one line what is missing', async () => {
    const wrong = [
      ['verify', 'http://localhost/', '--key', key],
      ['verify', service.doors.customer.url],
      ['verify', service.doors.customer.url, '--key', ca.replace('ca.pem', 'none.pem')],
      ['publish', '--settings', 'x', '--dir', 'a', '--bucket', 'b'],
      ['publish', '--settings', 'x', '--dir', 'a'],
    ];
    for (const args of wrong) {
      const { code, error } = await portal(...args);
      expect([args[0], code, error.trim().split('\n').length]).toEqual([args[0], 2, 1]);
    }
  });

  it('counts a version for what changed, and none for a restart', async () => {
    const versionOf = async () => {
      const ask = askOver(new URL(service.doors.customer.url), service.platform.ca.rootPem);
      const { body } = await ask('/manifest.jws');
      return JSON.parse(Buffer.from(body.toString('ascii').split('.')[1]!, 'base64url').toString('utf8')).version as number;
    };
    const restart = async () => {
      await service.close();
      service = await boot();
    };
    expect(await versionOf()).toBe(1);
    await restart();
    expect(await versionOf()).toBe(1);
    build('globalThis.ran = "newer";');
    await restart();
    expect(await versionOf()).toBe(2);
  });
});
