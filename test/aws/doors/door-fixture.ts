import type { ALBEvent, ALBResult, APIGatewayProxyEvent, Context } from 'aws-lambda';
import { type ApiHandler, DoorHandler } from '../../../platform/aws/doors/door-handler.ts';
import { fingerprintOf } from '../../../platform/doors/thing-check.ts';
import type { CertificateAuthority } from '../../../platform/embedded/gateway/ca.ts';
import type { LogFields } from '../../../platform/ports/platform.ts';
import { CALLERS } from '../../../topology/callers.ts';
import { API_ROLES, type ApiRole } from '../../../topology/route.ts';
import { defencesUnderTest } from '../../support/defences.ts';
import { deviceKey } from '../../support/memory-ca.ts';
import { ManualClock, MemoryWorld } from '../../support/memory-platform.ts';
import { lambdaContext } from '../../support/sqs.ts';

const LEAF = 'x-amzn-mtls-clientcert-leaf';

export interface Asked {
  readonly door?: string;
  readonly method?: string;
  readonly query?: Readonly<Record<string, string[]>>;
  readonly headers?: Readonly<Record<string, string[]>>;
  readonly body?: string | Buffer;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly unknown[]>>;
  readonly text: string;
}

/** A function behind the doors of stage `dev`, with a handler that says what it was handed, and the registry of who may come. */
export class DoorWorld {
  readonly clock = new ManualClock(Date.now());
  readonly ca: CertificateAuthority;
  readonly world = new MemoryWorld();
  readonly handled: APIGatewayProxyEvent[] = [];
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  answer: ApiHandler = async () => ({ statusCode: 200, headers: { etag: '"1-0123456789abcdef"' }, body: '{"ok":true}' });
  handle!: (event: ALBEvent, context: Context) => Promise<ALBResult>;

  private constructor(ca: CertificateAuthority) {
    this.ca = ca;
  }

  static async open(ca: CertificateAuthority, name = 'edit'): Promise<DoorWorld> {
    const made = new DoorWorld(ca);
    const issuers = API_ROLES.map((role) => ({ key: CALLERS.issuerPrefix + role, value: made.ca.issuerOfPeople(role).raw }));
    await made.world.directory.put(issuers);
    const line = (message: string, fields?: LogFields) => void made.logged.push({ message, fields });
    const platform = { directory: made.world.directory, clock: made.clock, log: { info: line, warn: line, error: line } };
    const make = (): ApiHandler => async (event, context) => {
      made.handled.push(event);
      return made.answer(event, context);
    };
    made.handle = new DoorHandler({ name, stage: 'dev', platform, defences: defencesUnderTest(), make, monotonic: () => 0 }).handle;
    return made;
  }

  /** A certificate that the CA of a role signed, and that the registry knows nothing of. */
  async certificate(name: string, role: ApiRole = 'operator'): Promise<Buffer> {
    return this.ca.issueToPerson(name, role, (await deviceKey(name)).csr);
  }

  register(der: Buffer, entry: unknown): Promise<void> {
    const value = Buffer.from(typeof entry === 'string' ? entry : JSON.stringify(entry));
    return this.world.directory.put([{ key: CALLERS.prefix + fingerprintOf(der), value }]);
  }

  async caller(name: string, role: ApiRole = 'operator'): Promise<Buffer> {
    const der = await this.certificate(name, role);
    await this.register(der, { name, role, status: 'active' });
    return der;
  }

  /** As the load balancer of a door hands it over. @param who the value of the certificate's header, or the certificate it has there */
  event(
    path: string,
    who: Buffer | string | undefined,
    { door = 'dev-console-26212', method = 'GET', query, headers, body }: Asked = {},
  ): ALBEvent {
    const leaf = Buffer.isBuffer(who) ? leafHeader(who) : who;
    return {
      requestContext: {
        elb: { targetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/joulekeep-${door}/73e2d6bc24d8a067` },
      },
      httpMethod: method,
      path,
      multiValueQueryStringParameters: query === undefined ? {} : { ...query },
      multiValueHeaders: {
        host: ['console.example.org'],
        'x-forwarded-for': ['10.20.0.9'],
        ...(leaf === undefined ? {} : { [LEAF]: [leaf] }),
        ...headers,
      },
      body: Buffer.isBuffer(body) ? body.toString('base64') : (body ?? ''),
      isBase64Encoded: Buffer.isBuffer(body),
    };
  }

  async send(path: string, who: Buffer | string | undefined, asked: Asked = {}): Promise<Told> {
    return told(await this.handle(this.event(path, who, asked), lambdaContext('edit')));
  }

  /** Why the last request was refused, from the log. */
  get reason(): string | undefined {
    return this.logged.at(-1)?.fields?.reason;
  }
}

export function told({ statusCode, multiValueHeaders = {}, body = '' }: ALBResult): Told {
  return { status: statusCode, headers: multiValueHeaders as Told['headers'], text: body };
}

/** URL-encoded but for `+=/`, as the load balancer writes it. */
export function leafHeader(der: Buffer): string {
  const lines = der
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return encodeURIComponent(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`)
    .replaceAll('%2B', '+')
    .replaceAll('%3D', '=')
    .replaceAll('%2F', '/');
}

/** All that a refused caller can tell one refusal from another by. */
export function shapeOf({ status, headers, text }: Told) {
  const { requestId, ...rest } = JSON.parse(text) as { readonly requestId: string };
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-request-id')),
    rest,
    length: requestId.length,
  };
}
