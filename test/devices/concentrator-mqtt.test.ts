import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { Aedes } from 'aedes';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Concentrator } from '../../devices/concentrator/concentrator.ts';
import { type MqttLink, type MqttLinkOptions, mqttLink } from '../../devices/concentrator/mqtt-link.ts';
import { MemorySpool } from '../../devices/concentrator/spool.ts';
import { createCsr } from '../../devices/meter/csr.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { encodeParcel, readBatch, TO_CONCENTRATOR } from '../../protocol/batch.ts';
import { downTopic } from '../../topology/device-access.ts';
import { METER_ID } from '../support/meter-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulekeep-mqtt-'));
const clock = { now: () => Date.now() };
let ca: CertificateAuthority;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  ca = await CertificateAuthority.open(join(folder, 'ca'), clock);
});
afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface TestBroker {
  readonly port: number;
  readonly url: string;
  readonly published: { topic: string; payload: Buffer }[];
  /** SHA-256 fingerprints of client certificates, by connection. */
  readonly peers: string[];
  send(topic: string, payload: Buffer): Promise<void>;
  /** Ends every connection. */
  cut(): void;
  close(): Promise<void>;
}

async function broker(options: TlsOptions = {}, port = 0, answering = true): Promise<TestBroker> {
  const aedes = await Aedes.createBroker();
  const published: TestBroker['published'] = [];
  const sockets = new Set<TLSSocket>();
  const peers: string[] = [];
  aedes.authorizePublish = (_client, packet, done) => {
    published.push({ topic: packet.topic, payload: Buffer.from(packet.payload) });
    if (answering) done(null);
  };
  const tls: TlsOptions = {
    key: ca.server.key,
    cert: ca.server.chain,
    ca: [ca.rootPem, ca.issuerOf('concentrator').toString()],
    requestCert: true,
    rejectUnauthorized: true,
  };
  const server: Server = createServer({ ...tls, ...options }, (socket) => {
    sockets.add(socket);
    peers.push(socket.getPeerCertificate().fingerprint256);
    socket.on('error', () => {});
    aedes.handle(socket);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const close = async () => {
    cut();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
  };
  const actual = (server.address() as AddressInfo).port;
  const send = (topic: string, payload: Buffer) =>
    new Promise<void>((resolve, reject) =>
      aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) => (error ? reject(error) : resolve())),
    );
  const started = { port: actual, url: `mqtts://127.0.0.1:${actual}`, published, peers, send, cut, close };
  open.push(started);
  return started;
}

async function link(url: string, change: Partial<MqttLinkOptions> = {}): Promise<MqttLink> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = await ca.issue('dc-9', 'concentrator', await createCsr('dc-9', privateKey));
  const made = await mqttLink({ url, key: privateKey, certificate, ca: ca.rootPem, clientId: 'dc-9', reconnectMs: 20, ...change });
  open.push(made);
  return made;
}

describe('the concentrator on the wire', () => {
  it('C10.1-2: both sides show certificates, batches go up and parcels come down', async () => {
    const b = await broker();
    const l = await link(b.url);
    const dc = new Concentrator({ dcId: '9', spool: new MemorySpool(), link: l, now: clock.now });
    const got: Buffer[] = [];
    dc.onDownlink = (_, bytes) => got.push(bytes);
    dc.accept({ kind: 'frame', bytes: Buffer.alloc(81, 1) }, METER_ID);
    expect(await dc.flush()).toEqual({ batches: 1, frames: 1, messages: 0, failed: 0 });
    expect(b.published.map(({ topic, payload }) => [topic, readBatch(payload).count])).toEqual([
      ['$aws/rules/joulekeep_telemetry/v1/dc/dc-9/up', 1],
    ]);
    await b.send(downTopic('dc-9'), encodeParcel([{ meterId: METER_ID, bytes: Buffer.from('down') }]));
    await vi.waitFor(() => expect(got).toEqual([Buffer.from('down')]));
    expect(b.peers).toHaveLength(1);
  });

  it('C10.1-2: a broker whose certificate another authority signed is refused', async () => {
    const strangers = await CertificateAuthority.open(join(folder, 'strangers'), clock);
    const b = await broker({ key: strangers.server.key, cert: strangers.server.chain });
    await expect(link(b.url)).rejects.toThrow(/certificate/);
    expect(b.published).toEqual([]);
  });

  it('C10.1-2: a broker that speaks no TLS 1.2 is refused', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const b = await broker({ ...old, requestCert: false });
    await expect(link(b.url)).rejects.toThrow();
    const lax = connect({ port: b.port, host: '127.0.0.1', rejectUnauthorized: false, ...old });
    await once(lax, 'secureConnect');
    expect(lax.getProtocol()).toBe('TLSv1.1');
    lax.destroy();
  });

  it('a batch that got no PUBACK before the line broke goes again, unchanged, when the line is back', async () => {
    const deaf = await broker({}, 0, false);
    const l = await link(deaf.url);
    const dc = new Concentrator({ dcId: '9', spool: new MemorySpool(), link: l, now: clock.now });
    dc.accept({ kind: 'frame', bytes: Buffer.alloc(81, 1) }, METER_ID);
    const first = dc.flush();
    await vi.waitFor(() => expect(deaf.published).toHaveLength(1));
    deaf.cut();
    expect(await first).toMatchObject({ batches: 0, failed: 1 });
    await deaf.close();
    open.splice(open.indexOf(deaf), 1);
    expect(await dc.flush()).toMatchObject({ failed: 1 });
    const back = await broker({}, deaf.port);
    await vi.waitFor(() => expect(l.connected).toBe(true), { timeout: 5_000 });
    expect(await dc.flush()).toMatchObject({ batches: 1, failed: 0 });
    expect(back.published).toEqual(deaf.published);
  });

  it('a publish that is never acknowledged fails by its own time-out', async () => {
    const deaf = await broker({}, 0, false);
    const l = await link(deaf.url, { ackTimeoutMs: 50 });
    await expect(l.publish('t', Buffer.from('x'))).rejects.toThrow(/PUBACK/);
  });

  it('C10.1-6: with the renewed certificate it connects anew as the renewed identity', async () => {
    const b = await broker();
    const l = await link(b.url);
    const dc = new Concentrator({ dcId: '9', spool: new MemorySpool(), link: l, now: clock.now });
    await dc.renewCertificate();
    const certificate = await ca.issue('dc-9', 'concentrator', b.published[0]!.payload);
    await b.send(downTopic('dc-9'), encodeParcel([{ meterId: TO_CONCENTRATOR, bytes: certificate }]));
    await vi.waitFor(() => expect(b.peers).toHaveLength(2));
    expect(new Set(b.peers).size).toBe(2);
    await vi.waitFor(() => expect(l.connected).toBe(true));
    dc.accept({ kind: 'frame', bytes: Buffer.alloc(81, 2) }, METER_ID);
    expect(await dc.flush()).toMatchObject({ batches: 1 });
  });
});
