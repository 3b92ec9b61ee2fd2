import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Identities } from '../../../devices/fleet/identities.ts';
import { concentratorThing, downTopic, TOPIC_RULES, upTopic } from '../../../topology/device-access.ts';
import { ServiceUnderTest } from '../service-under-test.ts';
import { MONDAY } from '../street.ts';
import { MqttLines } from './mqtt-lines.ts';

const THING = concentratorThing('dc-1');

describe('lines of concentrators over MQTT', () => {
  const identities = new Identities(['dc-1', 'dc-2']);
  let service: ServiceUnderTest;
  let lines: MqttLines;

  beforeAll(async () => {
    service = await ServiceUnderTest.boot({ start: MONDAY });
    const csr = await identities.request('dc-1', THING);
    const { concentrators } = await service.commission({
      type: 'stock',
      start: MONDAY,
      meters: [],
      concentrators: [{ dcId: 'dc-1', csr }],
    });
    identities.issue('dc-1', concentrators[0]!.certificate);
    const { broker, ca } = service.platform;
    lines = new MqttLines(broker.url, ca.rootPem);
  });
  afterAll(async () => {
    await lines?.close();
    await service?.close();
  });

  it('bring what is said to the queue, and what comes down to whoever asks, once', async () => {
    const { privateKey, certificate } = identities.issued('dc-1');
    await lines.connect(THING, { key: privateKey, certificate });
    await lines.publish({ thing: THING, topic: upTopic(TOPIC_RULES.telemetry, THING), payload: Buffer.from('junk') });
    await service.settle();
    expect((await service.events('relay/')).map(({ type }) => type)).toContain('JunkCounted');
    const payload = Buffer.from('down');
    await service.platform.as('keys').downlink.publish(downTopic(THING), payload);
    await expect.poll(() => lines.heard()).toEqual([{ topic: downTopic(THING), payload }]);
    expect(await lines.heard()).toEqual([]);
  });

  it('are refused to whom the gateway does not know, and say nothing for who has none', async () => {
    const thing = concentratorThing('dc-2');
    const { privateKey, certificate } = identities.issued('dc-1');
    await expect(lines.connect(thing, { key: privateKey, certificate })).rejects.toThrow();
    const unsaid = lines.publish({ thing, topic: upTopic(TOPIC_RULES.telemetry, thing), payload: Buffer.from('junk') });
    await expect(unsaid).rejects.toThrow('dc-dc-2 is not connected');
  });
});
