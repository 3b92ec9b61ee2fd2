import { generateKeyPairSync } from 'node:crypto';
import { enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { enrolRelay } from '../../lambdas/enrol/enrol-relay.ts';
import { makeKeys } from '../../lambdas/keys/handler.ts';
import { firstGenerations, issueManifest } from '../../lambdas/shared/keys/manifest.ts';
import { OperationCounts } from '../../platform/aws/operations.ts';
import { signerOf } from '../../protocol/cose.ts';
import { AwsWorld } from '../../test/aws/services/support/aws-world.ts';
import { ASSET, TestMeter } from '../../test/keys/scene.ts';
import { deviceKey, MemoryCa } from '../../test/support/memory-ca.ts';
import { lambdaContext, sqsEvent } from '../../test/support/sqs.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { concentratorThing, meterThing } from '../../topology/device-access.ts';
import { countGateway } from './gateway.ts';
import { type Played, since } from './play.ts';

const START = Date.UTC(2026, 0, 15);
const YEARS_MS = 10 * 365 * 86_400_000;
const RELAY = 'north-1';
/** Slow enough not to be a flood of one concentrator's; docs/cost.md names it. */
const BETWEEN_HELLOS_MS = 10_000;
const WEEK_MS = 7 * 86_400_000;

/**
 * New epochs for meters that have one, a week later: a HELLO each, one a message, one invocation each. What a process pays once a day,
 * its key of the day, is paid for another meter before.
 */
export async function playHandshakes(meters = 50): Promise<Played> {
  const world = await AwsWorld.at(START);
  const town = await enrolled(world, meters + 1);
  const counts = new OperationCounts();
  const handler = makeKeys(world.as('keys', counts), ALL_DEFENCES);
  const round = async (epoch: number, asking: readonly TestMeter[]) => {
    world.iot.published.length = 0;
    for (const meter of asking) {
      const message = (await meter.hello(epoch)).hello.bytes;
      const body = JSON.stringify({ dcId: RELAY, brokerTime: world.clock.now(), message: message.toString('base64') });
      countGateway(counts, message.length, body);
      await handler(sqsEvent('handshake', [body]), lambdaContext('keys'));
      world.clock.advance(BETWEEN_HELLOS_MS);
    }
    const answered = world.iot.published.length;
    if (answered < asking.length) throw new Error(`${answered} of ${asking.length} meters were answered`);
  };
  await round(1, town);
  world.clock.advance(WEEK_MS);
  await round(2, town.slice(0, 1));
  const before = counts.snapshot();
  await round(2, town.slice(1));
  return { meters, items: meters, messages: meters, counts: since(before, counts.snapshot()) };
}

async function enrolled(world: AwsWorld, meters: number): Promise<readonly TestMeter[]> {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyring = await issueManifest(world.as('operator-cli'), firstGenerations(START), 1, signerOf(root.privateKey));
  const agreement = keyring.keys.find(({ use }) => use === 'agreement')!;
  const ca = new MemoryCa();
  const issue = (role: 'meter' | 'concentrator', commonName: string, csr: Buffer) =>
    ca.issue(role, csr, { commonName, notBefore: START - 1_000, notAfter: START + YEARS_MS });
  const concentrator = await deviceKey(concentratorThing(RELAY));
  await enrolRelay(world.as('enrol'), RELAY, await issue('concentrator', concentratorThing(RELAY), concentrator.csr));
  const town: TestMeter[] = [];
  const stock = [];
  for (let i = 0; i < meters; i++) {
    const meterId = (0x00124b0000000001n + BigInt(i)).toString(16).padStart(16, '0');
    const { privateKey, csr } = await deviceKey(meterThing(meterId));
    town.push(new TestMeter(meterId, privateKey, () => agreement));
    stock.push({ meterId, certificate: await issue('meter', meterThing(meterId), csr), asset: ASSET, relays: [RELAY] });
  }
  const { enrolled: done } = await enrolMeters(world.as('enrol'), stock);
  if (done !== meters) throw new Error(`${done} of ${meters} meters were enrolled`);
  return town;
}
