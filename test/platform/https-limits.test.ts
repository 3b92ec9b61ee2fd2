import { connect } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answered } from '../support/exchange.ts';
import type { Credentials } from './gateway-fixture.ts';
import { ApiGateway, shapeOf } from './https-fixture.ts';

const QUEUE = '/v1/exceptions';
const EDITS = '/v1/days/02a1b2c3d4e5f607/2026-01-15/edits';

let api: ApiGateway;
let ann: Credentials;
beforeEach(async () => {
  api = await ApiGateway.open();
  ann = await api.person('ann');
});
afterEach(() => api.close());

describe('how much may be asked', () => {
  it('T8.3-2: slows one person down without slowing another', async () => {
    const bob = await api.person('bob');
    const answers: Answered[] = [];
    for (let i = 0; i < 42; i++) answers.push(await api.send(QUEUE, ann));
    const slowed = answers.filter(({ status }) => status === 429);
    expect(slowed).toHaveLength(2);
    expect(slowed[0]?.headers['retry-after']).toBe('1');
    expect(shapeOf(slowed[0]!).told.type).toBe('urn:joulekeep:problem:too-many-requests');
    expect((await api.send(QUEUE, bob)).status).toBe(200);
  });

  it.each([
    ['headers', { headersWithinMs: 200, requestWithinMs: 60_000 }, `GET ${QUEUE} HTTP/1.1\r\nHost: x\r\nX-`],
    [
      'body',
      { headersWithinMs: 200, requestWithinMs: 300 },
      `POST ${EDITS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"a":`,
    ],
  ])('T8.3-2: ends connections that never finish their %s', async (_, limits, text) => {
    const slow = await ApiGateway.open({ limits });
    try {
      const socket = await slow.raw(await slow.person('ann'));
      const said = slow.said(socket);
      socket.write(text);
      expect(await said).not.toMatch(/HTTP\/1\.1 2/);
      expect(slow.gateway.refused.get('request-slow')).toBe(1);
      expect(slow.handled).toEqual([]);
    } finally {
      await slow.close();
    }
  });

  it('T8.3-2: takes no more connections than its limit', async () => {
    const small = await ApiGateway.open({ limits: { connections: 2 } });
    try {
      const who = await small.person('ann');
      await small.raw(who);
      await small.raw(who);
      await expect(small.send(QUEUE, who)).rejects.toThrow();
    } finally {
      await small.close();
    }
  });

  it('T8.3-2: leaves connections to others, however many one address holds open', async () => {
    const shared = await ApiGateway.open({ limits: { connections: 6, connectionsPerAddress: 2 } });
    const opened: TLSSocket[] = [];
    const open = async (localAddress: string) => {
      const socket = tlsConnect({ socket: connect({ port: shared.gateway.port, host: '127.0.0.1', localAddress }), ca: shared.ca.rootPem });
      opened.push(socket);
      return await new Promise<string>((resolve) => {
        socket.once('secureConnect', () => resolve('open'));
        socket.once('error', () => resolve('refused'));
        socket.once('close', () => resolve('refused'));
      });
    };
    try {
      const hostile: string[] = [];
      for (let i = 0; i < 8; i++) hostile.push(await open('127.0.0.1'));
      expect(hostile).toEqual(['open', 'open', ...Array.from({ length: 6 }, () => 'refused')]);
      expect(await open('127.0.0.9')).toBe('open');
      expect(shared.gateway.refused.get('connections')).toBe(6);
      opened[0]!.destroy();
      await expect.poll(() => open('127.0.0.1')).toBe('open');
    } finally {
      for (const socket of opened) socket.destroy();
      await shared.close();
    }
  });

  it('gives up on a handler that does not answer', async () => {
    const patient = await ApiGateway.open({ limits: { answerWithinMs: 50 } });
    try {
      patient.answer = () => new Promise(() => {});
      expect((await patient.send(QUEUE, await patient.person('ann'))).status).toBe(503);
    } finally {
      await patient.close();
    }
  });
});
