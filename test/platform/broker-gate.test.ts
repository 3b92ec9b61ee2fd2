import { duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PacketGate } from '../../platform/embedded/gateway/packet-gate.ts';
import { TokenBucket } from '../../platform/embedded/gateway/token-bucket.ts';
import { connectionLimits } from '../../topology/limits.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { connectPacket, publishPacket } from './gateway-fixture.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const turn = async () => {
  for (let index = 0; index < 20; index++) await new Promise((resolve) => setImmediate(resolve));
};

/** A gate whose reader acknowledges at once, and what it has read. */
function openGate(limits: Parameters<typeof connectionLimits>[1]) {
  const [sender, socket] = duplexPair();
  const gate = new PacketGate(socket, connectionLimits(defencesUnderTest().rateLimits, limits), () => {});
  let bytes = 0;
  gate.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (chunk[0] === 0x10) setImmediate(() => gate.open());
  });
  return { sender, gate, read: () => bytes };
}

describe('the rates of a connection', () => {
  it('T8.1-4, K1: a device at any speed gets 100 publishes a second through, and loses none', async () => {
    const { sender, gate, read } = openGate({ inFlight: Number.POSITIVE_INFINITY });
    const connect = connectPacket('dc-a');
    const publish = publishPacket('t', Buffer.from('x'));
    sender.write(connect);
    for (let index = 0; index < 1_000; index++) sender.write(publish);
    await turn();
    const passed = () => (read() - connect.length) / publish.length;
    expect(passed()).toBe(100);
    for (let second = 1; second <= 8; second++) {
      for (let step = 0; step < 100; step++) await vi.advanceTimersByTimeAsync(10);
      expect(Math.abs(passed() - 100 * (second + 1))).toBeLessThanOrEqual(1);
    }
    await vi.advanceTimersByTimeAsync(5_000);
    expect(passed()).toBe(1_000);
    gate.destroy();
  });

  it('T8.1-4, K1: more bytes than allowed wait as well', async () => {
    const { sender, gate, read } = openGate({ bytesPerSecond: 10_000, inFlight: Number.POSITIVE_INFINITY });
    sender.write(connectPacket('dc-a'));
    for (let index = 0; index < 30; index++) sender.write(publishPacket('t', Buffer.alloc(1_000)));
    await turn();
    expect(read()).toBeLessThan(12_000);
    for (let step = 0; step < 100; step++) await vi.advanceTimersByTimeAsync(10);
    expect(read()).toBeLessThan(22_000);
    for (let step = 0; step < 200; step++) await vi.advanceTimersByTimeAsync(10);
    expect(read()).toBeGreaterThan(30_000);
    gate.destroy();
  });

  it('a bucket in debt tells how long to wait', () => {
    let now = 0;
    const bucket = new TokenBucket(10, () => now);
    for (let index = 0; index < 10; index++) expect(bucket.take(1)).toBe(0);
    expect(bucket.take(1)).toBeGreaterThan(0);
    now = 1;
    expect(bucket.take(5)).toBe(0);
    expect(bucket.take(1)).toBe(499);
    now = 500;
    expect(bucket.take(1)).toBeGreaterThan(0);
    now = 501;
    expect(bucket.take(1)).toBe(0);
    now = 1_000_000;
    for (let index = 0; index < 10; index++) expect(bucket.take(1)).toBe(0);
    expect(bucket.take(1)).toBeGreaterThan(0);
  });
});
