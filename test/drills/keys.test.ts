import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelKeyDeletionCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { install } from '../../bin/service/service.ts';
import { signSite } from '../../bin/site/sign.ts';
import { makeKeyDuties } from '../../lambdas/maintenance/key-duties.ts';
import { noteWithdrawn } from '../../lambdas/prices/key-list.ts';
import { loadKeyring } from '../../lambdas/shared/keys/manifest.ts';
import { AwsKeyClockwork } from '../../platform/aws/key-clockwork.ts';
import { offlineRoot } from '../../platform/aws/offline-root.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';
import { createEmbeddedPlatform, type Embedded } from '../../platform/embedded/platform.ts';
import type { KeyClockwork } from '../../platform/ports/kms.ts';
import type { Signer } from '../../protocol/cose.ts';
import { keyAlias } from '../../topology/names.ts';
import { builtSite } from '../application/support/release.ts';
import { deployKeys } from '../aws/services/support/deployed-keys.ts';
import { FakeKms } from '../aws/services/support/fake-kms.ts';
import { MemoryKms } from '../support/memory-kms.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { lambdaContext } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let duty: Duty;
let stateDir: string;
let clock: ManualClock;
let platform: Embedded;
beforeEach(async () => {
  duty = new Duty();
  stateDir = mkdtempSync(join(tmpdir(), 'joulekeep-drill-'));
  clock = new ManualClock(Date.UTC(2026, 0, 15));
  platform = await createEmbeddedPlatform({ stateDir, clock, timer: false });
  await install(platform, clock);
});
afterEach(async () => {
  duty.end();
  await platform.close();
  rmSync(stateDir, { recursive: true });
});

const operator = () => platform.as('operator-cli');
const root: Signer = (bytes) => platform.ca.manifestRoot.sign(bytes);

async function run(sign = root, service: KeyClockwork = platform.kms.admin): Promise<void> {
  duty.turn();
  await makeKeyDuties(operator(), service, sign)({} as never, lambdaContext('key-duties'));
}

it('keys-deleted: a key that is scheduled for deletion raises it until that is taken back, and so does one that is gone', async () => {
  const { admin } = platform.kms;
  await run();
  expect(duty.hears('keys-deleted')).toBe(false);
  await admin.scheduleDeletion('webhook', 7);
  await run().catch(() => undefined);
  expect(duty.hears('keys-deleted')).toBe(true);
  await admin.cancelDeletion('webhook');
  await run();
  expect(duty.hears('keys-deleted')).toBe(false);
  await admin.scheduleDeletion('webhook', 7);
  clock.advance(8 * DAY);
  await run().catch(() => undefined);
  expect(duty.hears('keys-deleted')).toBe(true);
  await run().catch(() => undefined);
  expect(duty.hears('keys-deleted')).toBe(false);
});

it('a key of AWS that somebody scheduled for deletion at a console raises the alarm within the hour, until it is taken back', async () => {
  const fake = new FakeKms(clock);
  await deployKeys(fake);
  const onAws = new AwsKeyClockwork({ client: fake.client, stage: 'dev', clock, operations: new OperationCounts() });
  await run(root, onAws);
  expect(duty.hears('keys-deleted')).toBe(false);
  const KeyId = keyAlias('dev', 'subject-kek');
  await fake.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 30 }));
  clock.advance(HOUR);
  await run(root, onAws);
  expect(duty.hears('keys-deleted')).toBe(true);
  await fake.client.send(new CancelKeyDeletionCommand({ KeyId }));
  clock.advance(HOUR);
  await run(root, onAws);
  expect(duty.hears('keys-deleted')).toBe(false);
});

it('manifest-unsigned: new generations whose manifest waits for the root raise it, and its signature ends it', async () => {
  clock.advance(366 * DAY);
  await run(offlineRoot(operator().objects));
  expect(duty.hears('manifest-unsigned')).toBe(true);
  const { version } = await loadKeyring(operator());
  await run();
  expect(duty.hears('manifest-unsigned')).toBe(false);
  expect((await loadKeyring(operator())).version).toBe(version + 1);
});

it('signing-key-stolen: a key that was withdrawn raises it for a day', async () => {
  await run();
  expect(duty.hears('signing-key-stolen')).toBe(false);
  const key = { kid: 'AAAA', key: 'price-1', by: 'sid', second: 'susan', reason: 'seen in the wild' };
  await noteWithdrawn(operator(), { ...key, at: clock.now() });
  await run();
  expect(duty.hears('signing-key-stolen')).toBe(true);
  clock.advance(DAY);
  await run();
  expect(duty.hears('signing-key-stolen')).toBe(false);
});

it('application-ends: a manifest with less than ten days left raises it, and publishing again ends it', async () => {
  const publish = () => signSite({ wall: clock, objects: operator().objects, kms: new MemoryKms().as('publisher') }, 'portal', builtSite());
  await publish();
  clock.advance(20 * DAY);
  await run();
  expect(duty.hears('application-ends')).toBe(false);
  clock.advance(DAY);
  await run();
  expect(duty.hears('application-ends')).toBe(true);
  await publish();
  await run();
  expect(duty.hears('application-ends')).toBe(false);
});
