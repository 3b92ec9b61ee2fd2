import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEdit } from '../../../lambdas/edit/handler.ts';
import { DoorHandler } from '../../../platform/aws/doors/door-handler.ts';
import { fingerprintOf } from '../../../platform/doors/thing-check.ts';
import { CertificateAuthority } from '../../../platform/embedded/gateway/ca.ts';
import { CALLERS } from '../../../topology/callers.ts';
import { ALL_DEFENCES } from '../../../topology/defences.ts';
import { resourceName } from '../../../topology/names.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { lambdaContext } from '../../support/sqs.ts';
import { AwsWorld } from '../services/support/aws-world.ts';
import { DoorWorld, told } from './door-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulekeep-console-'));
let ca: CertificateAuthority;
let world: AwsWorld;
let ann: Buffer;

beforeAll(async () => {
  ca = await CertificateAuthority.open(join(folder, 'ca'), { now: () => Date.now() });
  world = await AwsWorld.at(Date.now());
  ann = await ca.issueToPerson('ann', 'operator', (await deviceKey('ann')).csr);
  const entry = Buffer.from(JSON.stringify({ name: 'ann', role: 'operator', status: 'active' }));
  await world.as('operator-cli').directory.put([
    { key: `${CALLERS.issuerPrefix}operator`, value: ca.issuerOfPeople('operator').raw },
    { key: CALLERS.prefix + fingerprintOf(ann), value: entry },
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('C10.3-1: the console works behind its door: the function itself, on the adapters of AWS, answers who is in the registry', async () => {
  const served = new DoorHandler({ name: 'edit', stage: 'dev', platform: world.as('editing'), defences: ALL_DEFENCES, make: makeEdit });
  const at = await DoorWorld.open(ca);
  const ask = async (who: Buffer | undefined) => told(await served.handle(at.event('/v1/exceptions', who), lambdaContext('edit')));
  const answered = await ask(ann);
  expect([answered.status, answered.headers['content-type']]).toEqual([200, ['application/json']]);
  expect(JSON.parse(answered.text)).toMatchObject({ rows: [] });
  expect((await ask(undefined)).status).toBe(401);
});

it('C10.3-1, C10.4-1: who may come in lies in a partition of the table where nothing else does', async () => {
  const directory = world.as('enrol').directory;
  await directory.put([{ key: 'route/00124b000000abcd', value: Buffer.from('00000') }]);
  const rows = world.dynamo.rows(resourceName('dev', 'directory'));
  const among = rows.filter(({ pk }) => pk?.S === CALLERS.partition).map(({ sk }) => sk?.S);
  expect(among.sort()).toEqual([CALLERS.prefix + fingerprintOf(ann), `${CALLERS.issuerPrefix}operator`].sort());
  expect(rows.length).toBeGreaterThan(among.length);
  const listed = async (prefix: string) => (await Array.fromAsync(directory.list(prefix))).map(({ key }) => key);
  expect((await listed(CALLERS.prefix)).sort()).toEqual(among);
  expect(await listed('route/')).toEqual(['route/00124b000000abcd']);
  await world.as('log').directory.put([{ key: 'log/stream/meter/m-1', value: Buffer.from('3') }]);
  expect(await listed('log/')).toEqual(['log/stream/meter/m-1']);
  expect((await listed('')).sort()).toEqual([...among, 'log/stream/meter/m-1', 'route/00124b000000abcd'].sort());
});
