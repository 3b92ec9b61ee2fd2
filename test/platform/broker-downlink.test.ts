import { afterEach, describe, expect, it, vi } from 'vitest';
import { downTopic } from '../../topology/device-access.ts';
import { Gateway } from './gateway-fixture.ts';

let gateway: Gateway;

afterEach(async () => await gateway.close());

describe('the downlink', () => {
  it('reaches the device it is for and nobody else', async () => {
    gateway = await Gateway.open();
    const a = await gateway.connect(await gateway.enrol('dc-a'));
    const b = await gateway.connect(await gateway.enrol('dc-b'));
    const received: string[] = [];
    for (const [name, client] of Object.entries({ a, b })) {
      client.on('message', (topic, payload) => received.push(`${name} ${topic} ${payload.toString()}`));
      await client.subscribeAsync(downTopic(`dc-${name}`), { qos: 1 });
    }
    await gateway.downlink.publish(downTopic('dc-a'), Buffer.from('parcel'));
    await gateway.downlink.publish(downTopic('dc-none'), Buffer.from('nobody'));
    await gateway.downlink.publish(downTopic('dc-b'), Buffer.from('last'));
    await vi.waitFor(() => expect(received).toContain('b v1/dc/dc-b/down last'));
    await vi.waitFor(() => expect(received).toContain('a v1/dc/dc-a/down parcel'));
    expect(received).toHaveLength(2);
  });

  it('is kept for a persistent session that is away, in order and up to a bound', async () => {
    gateway = await Gateway.open();
    const device = await gateway.enrol('dc-a');
    const before = await gateway.connect(device, { clean: false });
    await before.subscribeAsync(downTopic('dc-a'), { qos: 1 });
    await before.endAsync();
    for (let index = 0; index < 1_005; index++) await gateway.downlink.publish(downTopic('dc-a'), Buffer.from(String(index)));
    expect(gateway.broker.refusals.get('downlink-backlog')).toBe(5);

    const received: string[] = [];
    const client = gateway.start(device, { clean: false });
    client.on('message', (_topic, payload) => received.push(payload.toString()));
    await vi.waitFor(() => expect(received).toHaveLength(1_000), { timeout: 10_000 });
    expect(received).toEqual(Array.from({ length: 1_000 }, (_, index) => String(index)));
    await client.endAsync();
  });

  it('C10.1-1: a quarantined thing receives nothing, though it is still connected', async () => {
    gateway = await Gateway.open();
    const client = await gateway.connect(await gateway.enrol('dc-a'));
    const received: string[] = [];
    client.on('message', (_topic, payload) => received.push(payload.toString()));
    await client.subscribeAsync(downTopic('dc-a'), { qos: 1 });
    await gateway.devices.setQuarantined('dc-a', true);
    await gateway.downlink.publish(downTopic('dc-a'), Buffer.from('withheld'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await gateway.devices.setQuarantined('dc-a', false);
    await gateway.downlink.publish(downTopic('dc-a'), Buffer.from('delivered'));
    await vi.waitFor(() => expect(received).toContain('delivered'));
    expect(received).toEqual(['delivered']);
  });

  it('refuses what no device could receive', async () => {
    gateway = await Gateway.open();
    await expect(gateway.downlink.publish(downTopic('dc-a'), Buffer.alloc(128 * 1024 + 1))).rejects.toMatchObject({
      code: 'ERR_PAYLOAD_TOO_LARGE',
    });
  });
});
