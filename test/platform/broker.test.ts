import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { downTopic, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { connectPacket, ended, Gateway, publishes, publishPacket } from './gateway-fixture.ts';

let gateway: Gateway;

afterEach(async () => await gateway.close());

const TELEMETRY_A = upTopic(TOPIC_RULES.telemetry, 'dc-a');

describe('the gateway', () => {
  it('puts what a concentrator publishes into the queue of its rule, with the platform clock as broker time', async () => {
    gateway = await Gateway.open({ now: Date.UTC(2013, 5, 1) });
    const client = await gateway.connect(await gateway.enrol('dc-a'));
    const seen: unknown[] = [];
    gateway.broker.onWire = (topic, payload, time) => seen.push([topic, payload.toString(), time]);
    for (const rule of Object.values(TOPIC_RULES)) await client.publishAsync(upTopic(rule, 'dc-a'), Buffer.from(rule.name), { qos: 1 });
    expect(gateway.queues.sent.map(({ queue, body }) => [queue, JSON.parse(body)])).toEqual(
      Object.values(TOPIC_RULES).map((rule) => [
        rule.queue,
        { dcId: 'a', brokerTime: Date.UTC(2013, 5, 1), [rule.field]: Buffer.from(rule.name).toString('base64') },
      ]),
    );
    expect(seen).toHaveLength(3);
    expect(seen[0]).toEqual([TELEMETRY_A, 'joulekeep_telemetry', Date.UTC(2013, 5, 1)]);
  });

  it('acknowledges a publish only when it is on stable storage', async () => {
    gateway = await Gateway.open();
    const client = await gateway.connect(await gateway.enrol('dc-a'));
    const acknowledged = vi.fn();
    client.on('packetreceive', (packet) => packet.cmd === 'puback' && acknowledged());
    gateway.queues.holding = true;
    const published = client.publishAsync(TELEMETRY_A, Buffer.from('held'), { qos: 1 });
    await vi.waitFor(() => expect(gateway.queues.held).toHaveLength(1));
    expect(acknowledged).not.toHaveBeenCalled();
    gateway.queues.held[0]!();
    await published;
    expect(acknowledged).toHaveBeenCalledOnce();
    expect(gateway.queues.sent).toHaveLength(1);

    gateway.queues.holding = false;
    gateway.queues.failing = true;
    client.publish(TELEMETRY_A, Buffer.from('lost'), { qos: 1 });
    await ended(client);
    expect(acknowledged).toHaveBeenCalledOnce();
    expect(gateway.broker.refusals.get('queue-unavailable')).toBe(1);
  });

  it('the same certificate connecting again takes the session over', async () => {
    gateway = await Gateway.open();
    const device = await gateway.enrol('dc-a');
    const first = await gateway.connect(device);
    const second = await gateway.connect(device);
    await ended(first);
    await second.publishAsync(TELEMETRY_A, Buffer.from('x'), { qos: 1 });
    expect(gateway.broker.connected).toEqual(['dc-a']);
  });

  it('holds back publishes while as many as allowed wait for their storage, and loses none', async () => {
    gateway = await Gateway.open({ limits: { inFlight: 4 } });
    const client = await gateway.connect(await gateway.enrol('dc-a'));
    gateway.queues.holding = true;
    const published = Array.from({ length: 12 }, (_, index) => client.publishAsync(TELEMETRY_A, Buffer.from([index]), { qos: 1 }));
    await vi.waitFor(() => expect(gateway.queues.held).toHaveLength(4));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(gateway.queues.held).toHaveLength(4);
    gateway.queues.holding = false;
    for (const release of gateway.queues.held.splice(0)) release();
    await Promise.all(published);
    const order = gateway.queues.sent.map(({ body }) => Buffer.from(JSON.parse(body).batch, 'base64')[0]);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('takes the same messages over a link in clear, by client id', async () => {
    gateway = await Gateway.open({ clearLink: true });
    await gateway.enrol('dc-a');
    const client = await connectAsync(gateway.broker.url, { clientId: 'dc-a', reconnectPeriod: 0 }, false);
    await client.publishAsync(TELEMETRY_A, Buffer.from('sealed'), { qos: 1 });
    client.end(true);
    expect(gateway.queues.sent).toHaveLength(1);
    await expect(connectAsync(gateway.broker.url, { clientId: 'dc-none', reconnectPeriod: 0 }, false)).rejects.toThrow();
  });
});

/** For one device that connects many times in a second. */
const AGAIN_AND_AGAIN = { limits: { connectsPerSecondPerClientId: Number.POSITIVE_INFINITY } };

describe('a device under its policy', () => {
  const foreignTopics = [
    upTopic(TOPIC_RULES.telemetry, 'dc-b'),
    '$aws/things/dc-a/shadow/update',
    downTopic('dc-b'),
    downTopic('dc-a'),
    '$aws/rules/joulekeep_telemetry/v1/dc/dc-a/up/x',
    '$SYS/x',
    'anything',
  ];

  it("R9.1-4, E1: A's certificate on B's topic is denied, as on every topic but its own three", async () => {
    gateway = await Gateway.open(AGAIN_AND_AGAIN);
    const a = await gateway.enrol('dc-a');
    await gateway.enrol('dc-b');
    for (const topic of foreignTopics) {
      const client = await gateway.connect(a);
      expect(await publishes(client, topic), topic).toBe(false);
    }
    expect(gateway.queues.sent).toEqual([]);
    expect(gateway.broker.refusals.get('publish-default-deny')).toBe(foreignTopics.length);
  });

  it('E1: publishing on a topic with a wildcard ends the connection', async () => {
    gateway = await Gateway.open(AGAIN_AND_AGAIN);
    const a = await gateway.enrol('dc-a');
    for (const topic of ['#', '$aws/rules/joulekeep_telemetry/v1/dc/+/up']) {
      const socket = await gateway.raw(a);
      socket.write(Buffer.concat([connectPacket('dc-a'), publishPacket(topic, Buffer.from('x'))]));
      await ended(socket);
    }
    expect(gateway.queues.sent).toEqual([]);
  });

  it('C10.1-1, E1: subscribing to anything but the own downlink is denied', async () => {
    gateway = await Gateway.open(AGAIN_AND_AGAIN);
    const a = await gateway.enrol('dc-a');
    const filters = ['#', '+/+/+/+', downTopic('dc-b'), 'v1/dc/+/down', '$aws/#', '$SYS/#', TELEMETRY_A];
    for (const filter of filters) {
      const client = await gateway.connect(a);
      const subscribed = client.subscribeAsync(filter, { qos: 1 }).then(() => true);
      expect(await Promise.race([subscribed, ended(client).then(() => false)]), filter).toBe(false);
    }
    expect(gateway.broker.refusals.get('subscribe-default-deny')).toBe(filters.length);
  });

  it('R9.1-4, C10.1-1, E2: a client id other than the thing is denied', async () => {
    gateway = await Gateway.open(AGAIN_AND_AGAIN);
    const a = await gateway.enrol('dc-a');
    await gateway.enrol('dc-b');
    for (const clientId of ['dc-b', 'dc-A', 'dc-a ', '+', '#', '*', 'x'.repeat(300)]) {
      await expect(gateway.connect(a, { clientId }), clientId).rejects.toThrow();
    }
    expect(gateway.broker.connected).toEqual([]);
  });

  it('C10.1-1: a quarantined thing is cut off at its next message and not let in again, until released', async () => {
    gateway = await Gateway.open(AGAIN_AND_AGAIN);
    const a = await gateway.enrol('dc-a');
    const client = await gateway.connect(a);
    await gateway.devices.setQuarantined('dc-a', true);
    expect(await publishes(client, TELEMETRY_A)).toBe(false);
    await expect(gateway.connect(a)).rejects.toThrow();
    expect(gateway.queues.sent).toEqual([]);
    await gateway.devices.setQuarantined('dc-a', false);
    await (await gateway.connect(a)).publishAsync(TELEMETRY_A, Buffer.from('x'), { qos: 1 });
    expect(gateway.queues.sent).toHaveLength(1);
  });

  it('a will, a retained message, a password, QoS 2 or another protocol version ends the connection', async () => {
    gateway = await Gateway.open(AGAIN_AND_AGAIN);
    const a = await gateway.enrol('dc-a');
    const will = { topic: TELEMETRY_A, payload: Buffer.from('will'), qos: 1 as const, retain: false };
    await expect(gateway.connect(a, { will })).rejects.toThrow();
    await expect(gateway.connect(a, { username: 'a', password: 'b' })).rejects.toThrow();
    await expect(gateway.connect(a, { protocolVersion: 5 })).rejects.toThrow();
    await expect(gateway.connect(a, { protocolId: 'MQIsdp', protocolVersion: 3 })).rejects.toThrow();
    for (const options of [{ qos: 1, retain: true }, { qos: 2 }] as const) {
      const client = await gateway.connect(a);
      expect(await publishes(client, TELEMETRY_A, options)).toBe(false);
    }
    expect(gateway.queues.sent).toEqual([]);
  });
});
