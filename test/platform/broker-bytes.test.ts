import { once } from 'node:events';
import { connect as plainConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { connectPacket, ended, fixedHeader, Gateway, publishPacket } from './gateway-fixture.ts';

let gateway: Gateway;

afterEach(async () => await gateway.close());

const TELEMETRY_A = upTopic(TOPIC_RULES.telemetry, 'dc-a');

describe('hostile bytes', () => {
  it('A7: a 64 MiB publish ends the connection at its announcement, and others are served on', async () => {
    gateway = await Gateway.open();
    const a = await gateway.enrol('dc-a');
    const honest = await gateway.connect(await gateway.enrol('dc-b'));
    const socket = await gateway.raw(a);
    socket.write(connectPacket('dc-a'));
    await once(socket, 'data');
    socket.write(fixedHeader(0x32, 64 * 1024 * 1024));
    socket.write(Buffer.alloc(1024 * 1024));
    await ended(socket);
    expect(gateway.broker.refusals.get('packet-too-long')).toBe(1);
    await honest.publishAsync(upTopic(TOPIC_RULES.telemetry, 'dc-b'), Buffer.alloc(100 * 1024), { qos: 1 });
    expect(gateway.queues.sent).toHaveLength(1);
  });

  it('A7: a packet of 128 KiB passes, one byte more does not', async () => {
    gateway = await Gateway.open({ limits: { bytesPerSecond: Number.POSITIVE_INFINITY } });
    const a = await gateway.enrol('dc-a');
    const overhead = publishPacket(TELEMETRY_A, Buffer.alloc(100 * 1024)).length - 100 * 1024;
    for (const [length, passes] of [
      [128 * 1024, true],
      [128 * 1024 + 1, false],
    ] as const) {
      const socket = await gateway.raw(a);
      socket.write(connectPacket('dc-a'));
      await once(socket, 'data');
      socket.write(publishPacket(TELEMETRY_A, Buffer.alloc(length - overhead)));
      if (passes) expect((await once(socket, 'data'))[0]).toEqual(Buffer.from([0x40, 2, 0, 1]));
      else await ended(socket);
      socket.destroy();
    }
    expect(gateway.queues.sent).toHaveLength(1);
  });

  it('A7: a CONNECT over 1 KiB ends the connection', async () => {
    gateway = await Gateway.open();
    const a = await gateway.enrol('dc-a');
    for (const bytes of [connectPacket('dc-a', 1_025), fixedHeader(0x10, 64 * 1024 * 1024)]) {
      const socket = await gateway.raw(a);
      socket.write(bytes);
      await ended(socket);
    }
    expect(gateway.broker.refusals.get('connect-too-long')).toBe(2);
  });

  it('anything before CONNECT, a second CONNECT, or a malformed length ends the connection', async () => {
    gateway = await Gateway.open();
    const a = await gateway.enrol('dc-a');
    const openings = [
      publishPacket(TELEMETRY_A, Buffer.from('early')),
      Buffer.concat([connectPacket('dc-a'), connectPacket('dc-a')]),
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from([0x10, 0x02, 0x00, 0x00]),
    ];
    for (const bytes of openings) {
      const socket = await gateway.raw(a);
      socket.write(bytes);
      await ended(socket);
    }
    expect(gateway.queues.sent).toEqual([]);
    expect(gateway.broker.connected).toEqual([]);
  });

  it('a packet that comes byte by byte is read like any other', async () => {
    gateway = await Gateway.open();
    const socket = await gateway.raw(await gateway.enrol('dc-a'));
    const ping = Buffer.from([0xc0, 0]);
    const bytes = Buffer.concat([connectPacket('dc-a'), ping, publishPacket(TELEMETRY_A, Buffer.alloc(200, 7))]);
    const answer: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => answer.push(chunk));
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const expected = Buffer.from([0x20, 2, 0, 0, 0xd0, 0, 0x40, 2, 0, 1]);
    await vi.waitFor(() => expect(Buffer.concat(answer)).toHaveLength(expected.length));
    expect(Buffer.concat(answer)).toEqual(expected);
    socket.destroy();
  });

  it('no clear text, no old TLS, no connection without a certificate', async () => {
    gateway = await Gateway.open();
    const a = await gateway.enrol('dc-a');
    const plain = plainConnect(gateway.broker.port, '127.0.0.1');
    plain.write(connectPacket('dc-a'));
    await ended(plain);
    const to = { port: gateway.broker.port, host: '127.0.0.1', ca: gateway.ca.rootPem };
    const old = tlsConnect({ ...to, key: a.key, cert: a.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    await expect(once(old, 'secureConnect')).rejects.toThrow();
    const anonymous = tlsConnect(to);
    anonymous.write(connectPacket('dc-a'));
    await ended(anonymous);
    expect(gateway.broker.refusals.get('certificate-missing')).toBe(1);
    expect(gateway.broker.refusals.get('tls-failed')).toBe(2);
  });
});
