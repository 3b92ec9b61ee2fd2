import { afterEach, beforeEach, expect, it } from 'vitest';
import { relay } from '../../domain/enrolment/relay.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { makeEnrol } from '../../lambdas/enrol/handler.ts';
import { makeMaintenance } from '../../lambdas/maintenance/handler.ts';
import { runDecider } from '../../lambdas/shared/streams.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { fingerprintOf, MemoryWorld } from '../support/memory-platform.ts';
import { failedIds, lambdaContext, sqsEvent } from '../support/sqs.ts';
import { Duty } from './duty.ts';

const THING = 'dc-0042';
const YEAR = 366 * 86_400_000;

let duty: Duty;
let world: MemoryWorld;
beforeEach(() => {
  duty = new Duty();
  world = new MemoryWorld();
});
afterEach(() => duty.end());

/** One notice of the gateway. @param waiting certificate that it keeps waiting */
async function tell(queue: string, notice: object, waiting?: Buffer): Promise<void> {
  duty.turn();
  const handler = makeEnrol(world.as('enrol'), { find: async () => waiting });
  expect(failedIds((await handler(sqsEvent(queue, [JSON.stringify(notice)]), lambdaContext('enrol'))) ?? undefined)).toEqual([]);
}

it('registration-refused: a certificate that is in no stock raises it, and one that was recorded since is let in', async () => {
  const now = world.clock.now();
  const options = { commonName: THING, notBefore: now - YEAR, notAfter: now + YEAR };
  const der = await world.ca.issue('concentrator', (await deviceKey(THING)).csr, options);
  const fingerprint = fingerprintOf(der);
  await tell('registrations', { certificateId: fingerprint }, der);
  expect(duty.hears('registration-refused')).toBe(true);
  expect(await world.devices.find(THING)).toBeUndefined();
  await runDecider(world.events, 'relay/0042', relay, { type: 'RegisterRelay', dcId: '0042', fingerprint, at: now });
  await tell('registrations', { certificateId: fingerprint }, der);
  expect(duty.hears('registration-refused')).toBe(false);
  expect(await world.devices.certificateStatus(fingerprint)).toBe('active');
});

it('device-quarantined: a breach of its limits raises it and cuts the device off until a person releases it', async () => {
  await enrolRelay(world.as('enrol'), '0042', await world.devices.issueCertificate(THING, 'concentrator', (await deviceKey(THING)).csr));
  const notice = { thingName: THING, behavior: { name: 'messages-sent' }, violationEventType: 'in-alarm' };
  const isCutOff = async () => (await world.devices.find(THING))?.quarantined;
  await tell('violations', notice);
  expect([duty.hears('device-quarantined'), await isCutOff()]).toEqual([true, true]);
  await tell('violations', { ...notice, violationEventType: 'alarm-cleared' });
  expect([duty.hears('device-quarantined'), await isCutOff()]).toEqual([false, true]);
  const ask = { release: THING, by: 'sid', reason: 'examined: a wrong build' };
  await makeMaintenance(world.as('maintenance'))(ask, lambdaContext('maintenance'));
  expect(await isCutOff()).toBe(false);
});
