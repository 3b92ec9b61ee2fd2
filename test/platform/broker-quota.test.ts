import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConnectQuota } from '../../platform/embedded/gateway/connect-quota.ts';
import { FilterCount } from '../../platform/embedded/gateway/filter-count.ts';
import { connectionLimits, IOT_LIMITS } from '../../topology/limits.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ended, Gateway } from './gateway-fixture.ts';

const limits = (changed: Parameters<typeof connectionLimits>[1] = {}) => connectionLimits(defencesUnderTest().rateLimits, changed);
const nobody = new Set<string>();

describe('the quota of connects', () => {
  it('T8.1-4: a device that connects without pause gets in once a second, and others are not kept waiting', () => {
    let now = 0;
    const quota = new ConnectQuota(limits(), () => now);
    let passed = 0;
    for (; now < 20_000; now += 10) if (quota.refusal('dc-a', nobody) === undefined) passed++;
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThanOrEqual(21);
    quota.refusal('dc-a', nobody);
    expect(quota.refusal('dc-a', nobody)).toBe('connect-rate');
    expect(quota.refusal('dc-b', nobody)).toBeUndefined();
  });

  it('T8.1-4: all devices together get in 500 a second', () => {
    let now = 0;
    const quota = new ConnectQuota(limits(), () => now);
    const knock = (count: number) =>
      Array.from({ length: count }, (_, i) => quota.refusal(`dc-${now}-${i}`, nobody)).filter((refused) => refused === undefined).length;
    expect(knock(2_000)).toBe(IOT_LIMITS.connectsPerSecondPerAccount);
    now += 1_000;
    expect(knock(2_000)).toBe(IOT_LIMITS.connectsPerSecondPerAccount);
  });

  it('forgets devices only when they have their whole share again', () => {
    let now = 0;
    const quota = new ConnectQuota(limits({ connectsPerSecondPerAccount: Number.POSITIVE_INFINITY }), () => now);
    for (let device = 0; device < 30_000; device++) quota.refusal(`dc-${device}`, nobody);
    now += 999;
    quota.refusal('dc-one-more', nobody);
    for (const device of [0, 15_000, 29_999]) quota.refusal(`dc-${device}`, nobody);
    expect([0, 15_000, 29_999].map((device) => quota.refusal(`dc-${device}`, nobody))).toEqual(Array(3).fill('connect-rate'));
  });

  it('an account that is full lets nobody in but those who take over their own place', () => {
    const quota = new ConnectQuota(limits({ connectionsPerAccount: 2 }));
    const connected = new Set(['dc-a', 'dc-b']);
    expect(quota.refusal('dc-c', connected)).toBe('account-connections');
    expect(quota.refusal('dc-a', connected)).toBeUndefined();
    connected.delete('dc-b');
    expect(quota.refusal('dc-d', connected)).toBeUndefined();
  });
});

describe('the gateway and its quotas', () => {
  let gateway: Gateway;
  afterEach(async () => {
    vi.useRealTimers();
    await gateway.close();
  });

  it('T8.1-4: ends the connection of a device that connects too often', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    gateway = await Gateway.open();
    const device = await gateway.enrol('dc-a');
    await gateway.connect(device);
    await expect(gateway.connect(device)).rejects.toThrow('connection ended');
    expect(gateway.broker.refusals.get('connect-rate')).toBe(1);
    expect(gateway.broker.connected).toEqual(['dc-a']);
    vi.advanceTimersByTime(1_000);
    await gateway.connect(device);
  });

  it('T8.1-4: has room for so many connections', async () => {
    gateway = await Gateway.open({ limits: { connectionsPerAccount: 1 } });
    const first = await gateway.connect(await gateway.enrol('dc-a'));
    const other = await gateway.enrol('dc-b');
    await expect(gateway.connect(other)).rejects.toThrow('connection ended');
    expect(gateway.broker.refusals.get('account-connections')).toBe(1);
    first.end(true);
    await vi.waitFor(() => expect(gateway.broker.connected).toEqual([]));
    await gateway.connect(other);
  });

  it('T8.1-4: a connection may have 50 subscriptions, those of its persistent session among them', async () => {
    gateway = await Gateway.open({ defences: { ...defencesUnderTest(), devicePolicies: false } });
    const device = await gateway.enrol('dc-a');
    const first = await gateway.connect(device, { clean: false });
    for (let topic = 0; topic < 50; topic++) await first.subscribeAsync(`t/${topic}`, { qos: 1 });
    await first.subscribeAsync('t/0', { qos: 1 });
    await first.unsubscribeAsync('t/0');
    await first.subscribeAsync('t/again', { qos: 1 });
    await first.endAsync();
    const second = await gateway.connect(device, { clean: false });
    await second.subscribeAsync('t/again', { qos: 1 });
    second.subscribe('t/50', { qos: 1 });
    await ended(second);
    expect(gateway.broker.refusals.get('subscriptions')).toBe(1);
  });

  it('T8.1-4: one request may ask for 8 subscriptions', async () => {
    gateway = await Gateway.open({ defences: { ...defencesUnderTest(), devicePolicies: false } });
    const client = await gateway.connect(await gateway.enrol('dc-a'));
    const topics = (count: number) => Array.from({ length: count }, (_, i) => `t/${i}`);
    expect(await client.subscribeAsync(topics(8), { qos: 1 })).toHaveLength(8);
    client.subscribe(topics(9), { qos: 1 });
    await ended(client);
    expect(gateway.broker.refusals.get('subscriptions-in-request')).toBe(1);
    expect(gateway.broker.refusals.get('subscriptions')).toBeUndefined();
  });
});

describe('the filters of a SUBSCRIBE', () => {
  it('are as many in whatever pieces it arrives', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 20 }), fc.array(fc.nat(400)), (filters, cuts) => {
        const body = Buffer.concat([Buffer.from([0, 9]), ...filters.map(filterBytes)]);
        const counted = new FilterCount();
        let at = 0;
        for (const cut of cuts) {
          counted.take(body.subarray(at, at + cut));
          at = Math.min(body.length, at + cut);
        }
        counted.take(body.subarray(at));
        expect(counted.count).toBe(filters.length);
      }),
    );
  });
});

function filterBytes(filter: string): Buffer {
  const text = Buffer.from(filter);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text, Buffer.from([1])]);
}
