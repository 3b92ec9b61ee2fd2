import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type IClientOptions } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEmbeddedPlatform, type Embedded, type EmbeddedOptions } from '../../platform/embedded/platform.ts';
import type { LogFields } from '../../platform/ports/platform.ts';
import { downTopic, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { pem } from './gateway-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let stateDir: string;
let clock: ManualClock;
const open: Embedded[] = [];

beforeEach(() => {
  stateDir = join(mkdtempSync(join(tmpdir(), 'joulekeep-platform-')), 'state');
  clock = new ManualClock(Date.UTC(2026, 0, 15, 10));
});

afterEach(async () => {
  for (const platform of open.splice(0)) await platform.close();
  rmSync(join(stateDir, '..'), { recursive: true });
});

async function openPlatform(options: Partial<EmbeddedOptions> = {}): Promise<Embedded> {
  const platform = await createEmbeddedPlatform({ stateDir, clock, timer: false, ...options });
  open.push(platform);
  return platform;
}

async function identity(platform: Embedded, thing: string): Promise<IClientOptions> {
  const { privateKey, csr } = await deviceKey(thing);
  const der = await platform.as('enrol').devices.issueCertificate(thing, 'concentrator', csr);
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  return { key, cert: pem(der), ca: platform.ca.rootPem, clientId: thing, reconnectPeriod: 0 };
}

describe('the embedded platform', () => {
  it('carries a message from a device to a handler, and an answer back', async () => {
    const platform = await openPlatform();
    const keys = platform.as('keys');
    await platform.host.start({
      queues: {
        handshake: async (event) => {
          for (const { body } of event.Records) {
            const { dcId, message, brokerTime } = JSON.parse(body);
            await keys.downlink.publish(downTopic(`dc-${dcId}`), Buffer.from(`${message} ${brokerTime - clock.now()}`));
          }
          return { batchItemFailures: [] };
        },
      },
    });
    const client = connect(platform.broker.url, await identity(platform, 'dc-a'));
    const received = new Promise((resolve) => client.on('message', (_topic, payload) => resolve(payload.toString())));
    await client.subscribeAsync(downTopic('dc-a'), { qos: 1 });
    await client.publishAsync(upTopic(TOPIC_RULES.handshake, 'dc-a'), Buffer.from('HELLO'), { qos: 1 });
    expect(await received).toBe(`${Buffer.from('HELLO').toString('base64')} 0`);
    await platform.host.drain();
    await client.endAsync(true);
  });

  it('keeps queues, devices, keys and directory over a restart, in files of the owner', async () => {
    const before = await openPlatform();
    const options = await identity(before, 'dc-a');
    const client = connect(before.broker.url, options);
    await client.publishAsync(upTopic(TOPIC_RULES.telemetry, 'dc-a'), Buffer.from('kept'), { qos: 1 });
    await client.endAsync(true);
    await before.as('ingest').directory.put([{ key: 'a', value: Buffer.from('b') }]);
    const agreement = await before.as('keys').kms.getPublicKey('agreement');
    await before.close();

    const after = await openPlatform();
    expect(await after.as('keys').kms.getPublicKey('agreement')).toEqual(agreement);
    expect(await after.as('ingest').directory.get('a')).toEqual(Buffer.from('b'));
    expect(after.ca.rootPem).toBe(before.ca.rootPem);
    const bodies: string[] = [];
    await after.host.start({
      queues: {
        telemetry: async (event) => {
          bodies.push(...event.Records.map(({ body }) => Buffer.from(JSON.parse(body).batch, 'base64').toString()));
          return { batchItemFailures: [] };
        },
      },
    });
    await after.host.drain();
    expect(bodies).toEqual(['kept']);
    const again = connect(after.broker.url, options);
    await again.publishAsync(upTopic(TOPIC_RULES.telemetry, 'dc-a'), Buffer.from('again'), { qos: 1 });
    await again.endAsync(true);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    for (const name of ['devices.db', 'queues.db', 'log.jsonl', 'kms-root.key'])
      expect(statSync(join(stateDir, name)).mode & 0o077).toBe(0);
  });

  it('gives each principal one view, with the rights of the principal', async () => {
    const platform = await openPlatform();
    expect(platform.as('ingest')).toBe(platform.as('ingest'));
    expect(platform.as('keys').principal).toBe('keys');
    await expect(platform.as('stranger').kms.getPublicKey('agreement')).rejects.toMatchObject({ code: 'ERR_KMS_ACCESS_DENIED' });
  });

  it('writes no field to its log that is not on the list, and no long text', async () => {
    const platform = await openPlatform();
    const hostile: Record<string, unknown> = { reason: 'r'.repeat(900), count: 3, code: { name: 'Jane Doe' }, meterId: '00124b0000000001' };
    platform.as('ingest').log.warn('refused', hostile as LogFields);
    await platform.close();
    platform.log.info('after the end');
    expect(
      readFileSync(join(stateDir, 'log.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ time: '2026-01-15T10:00:00.000Z', level: 'warn', message: 'refused', reason: 'r'.repeat(200), count: 3 }]);
  });
});

describe('the lock of the state directory', () => {
  it('is held by one platform, and free again after its end', async () => {
    const first = await openPlatform();
    await expect(openPlatform()).rejects.toMatchObject({
      code: 'ERR_STATE_LOCKED',
      message: `${stateDir} is in use by process ${process.pid}: end that one first`,
    });
    await first.close();
    await openPlatform();
  });

  it('is held against other processes, and goes with a process that is killed', async () => {
    const script = join(stateDir, '..', 'holder.ts');
    writeFileSync(
      script,
      `import { createEmbeddedPlatform } from '${join(ROOT, 'platform/embedded/platform.ts')}';
       await createEmbeddedPlatform({ stateDir: ${JSON.stringify(stateDir)}, clock: Date });
       process.send('open');`,
    );
    const child = fork(script, { execPath: process.execPath });
    const exited = once(child, 'exit');
    try {
      await once(child, 'message');
      await expect(openPlatform()).rejects.toMatchObject({ code: 'ERR_STATE_LOCKED', message: expect.stringContaining(String(child.pid)) });
    } finally {
      child.kill('SIGKILL');
    }
    await exited;
    const platform = await vi.waitFor(() => openPlatform());
    expect(platform.broker.port).toBeGreaterThan(0);
  });
});
