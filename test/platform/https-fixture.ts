import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { Problem } from '../../api/problems.ts';
import { fingerprintOf } from '../../platform/doors/thing-check.ts';
import { CertificateAuthority } from '../../platform/embedded/gateway/ca.ts';
import { EmbeddedPeople } from '../../platform/embedded/gateway/people.ts';
import { HttpsGateway, type HttpsGatewayOptions } from '../../platform/embedded/https/gateway.ts';
import { PersonAuthorizer } from '../../platform/embedded/https/person-authorizer.ts';
import type { LogFields } from '../../platform/ports/platform.ts';
import type { ApiRole } from '../../topology/route.ts';
import { ROUTES } from '../../topology/routes.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { type Answered, exchange } from '../support/exchange.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { type Credentials, pem } from './gateway-fixture.ts';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Address it comes from. */
  readonly from?: string;
}

/** An API gateway of its own, with a handler that says what it was handed. */
export class ApiGateway {
  readonly clock = new ManualClock(Date.now());
  readonly directory = mkdtempSync(join(tmpdir(), 'joulekeep-https-'));
  readonly logged: { message: string; fields: LogFields | undefined }[] = [];
  /** What reached the handler. */
  readonly handled: APIGatewayProxyEvent[] = [];
  answer: () => Promise<APIGatewayProxyResult> = async () => ({
    statusCode: 200,
    headers: { etag: '"1-0123456789abcdef"' },
    body: '{"ok":true}',
  });
  ca!: CertificateAuthority;
  people!: EmbeddedPeople;
  gateway!: HttpsGateway;
  readonly #sockets: TLSSocket[] = [];

  static async open(options: Partial<HttpsGatewayOptions> = {}): Promise<ApiGateway> {
    const made = new ApiGateway();
    const { clock, directory, logged } = made;
    made.ca = await CertificateAuthority.open(join(directory, 'ca'), clock);
    made.people = new EmbeddedPeople(join(directory, 'people.db'), made.ca, clock);
    const line = (message: string, fields?: LogFields) => void logged.push({ message, fields });
    const { ca, people } = made;
    const handler = async (event: APIGatewayProxyEvent) => {
      made.handled.push(event);
      return await made.answer();
    };
    made.gateway = await HttpsGateway.listen({
      ...{
        ca,
        clock,
        door: 'console' as const,
        port: 0,
        monotonic: () => 0,
        defences: defencesUnderTest(),
        log: { info: line, warn: line, error: line },
      },
      authorizer: new PersonAuthorizer(people, clock, defencesUnderTest()),
      handlers: Object.fromEntries(ROUTES.map(({ function: name }) => [name, handler])),
      ...options,
      limits: { refusalHeldMs: 0, ...options.limits },
    });
    return made;
  }

  async person(name: string, role: ApiRole = 'operator'): Promise<Credentials> {
    const { privateKey, csr } = await deviceKey(name);
    return credentials(name, privateKey, await this.people.issue(name, role, csr));
  }

  /** @throws when the gateway ends the connection instead of answering */
  async send(path: string, who: Credentials | undefined, { method = 'GET', headers = {}, body, from }: Sent = {}): Promise<Answered> {
    const identity = who === undefined ? {} : { key: who.key, cert: who.cert };
    const place = { port: this.gateway.port, path, ca: this.ca.rootPem, ...(from !== undefined && { localAddress: from }) };
    return await exchange({ ...place, method, headers, ...identity }, body);
  }

  /** A TLS connection for what no HTTP library would send. */
  async raw(who: Credentials | undefined): Promise<TLSSocket> {
    const identity = who === undefined ? {} : { key: who.key, cert: who.cert };
    const socket = tlsConnect({ port: this.gateway.port, host: '127.0.0.1', ca: this.ca.rootPem, ...identity });
    socket.on('error', () => {});
    this.#sockets.push(socket);
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Everything a connection says until the gateway ends it. */
  async said(socket: TLSSocket): Promise<string> {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
    return Buffer.concat(chunks).toString();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.gateway.close();
    this.people.close();
    rmSync(this.directory, { recursive: true });
  }
}

export function credentials(thing: string, privateKey: import('node:crypto').KeyObject, der: Buffer): Credentials {
  return { thing, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, cert: pem(der), fingerprint: fingerprintOf(der) };
}

/** What a refused caller can tell one answer from another by. */
export function shapeOf({ status, headers, text }: Answered) {
  const { requestId, ...told } = Problem.parse(JSON.parse(text));
  const { date: _, 'x-request-id': id, ...rest } = headers;
  if (id !== requestId) throw new Error('the request id of the header is another than that of the body');
  return { status, rest, told };
}
