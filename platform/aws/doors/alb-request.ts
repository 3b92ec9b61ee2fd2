import type { ALBEvent } from 'aws-lambda';
import { resourceName } from '../../../topology/names.ts';
import { DOORS, type DoorName } from '../../../topology/route.ts';
import { type Target, targetOf } from '../../store/request-rules.ts';

/** Header of the load balancer with the certificate that the handshake proved: PEM, URL-encoded but for `+=/`. */
const LEAF = 'x-amzn-mtls-clientcert-leaf';
const LEAF_CHARACTERS = 8_192;
const PEM = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n?$/;
/** Of the function behind a target group, at the end of its name. */
const MARK = /^-[0-9a-f]{5}$/;
/** Headers that are one list, however often they come. */
const LISTS: Readonly<Record<string, string>> = { accept: ', ', cookie: '; ' };

/** What a load balancer hands to a function, before anybody has looked at what it means. */
export interface AlbRequest {
  /** Undefined for a target group that is no door's. */
  readonly door: DoorName | undefined;
  readonly method: string;
  readonly target: Target;
  /** By lower-case name, one value each. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that came more than once and may not. */
  readonly repeated: readonly string[];
  readonly certificate: ShownCertificate;
  /** Of the peer of the load balancer; what the client itself wrote into the header stands before it. */
  readonly sourceIp: string;
}

/** DER, or why there is none. */
export type ShownCertificate = { readonly der: Buffer } | { readonly fault: string };

/** Reads what came, and decodes nothing of the path. @param queryBytes the most a query may have */
export function albRequest(event: ALBEvent, stage: string, queryBytes: number): AlbRequest {
  const values = valuesOf(event.multiValueHeaders, event.headers);
  const single = [...values].map(([name, all]) => [name, all.length > 1 ? all.join(LISTS[name] ?? ',') : all[0]!] as const);
  return {
    door: doorOf(event.requestContext.elb.targetGroupArn, stage),
    method: event.httpMethod,
    target: targetOf(`${event.path}${queryOf(event)}`, queryBytes),
    headers: Object.fromEntries(single),
    repeated: [...values].flatMap(([name, all]) => (all.length > 1 && LISTS[name] === undefined ? [name] : [])),
    certificate: certificateOf(values.get(LEAF) ?? []),
    sourceIp: (values.get('x-forwarded-for') ?? []).join(',').split(',').at(-1)!.trim(),
  };
}

/** A target group is named `joulekeep-<stage>-<door>-<function's mark>`. The load balancer says which it is; a client cannot. */
function doorOf(targetGroupArn: string, stage: string): DoorName | undefined {
  const [, name = ''] = /:targetgroup\/([A-Za-z0-9-]+)\/[0-9a-f]+$/.exec(targetGroupArn) ?? [];
  return DOORS.find((door) => name.startsWith(`${resourceName(stage, door)}-`) && MARK.test(name.slice(resourceName(stage, door).length)));
}

type Given<Value> = Readonly<Record<string, Value | undefined>> | undefined;

/** A function may be told each header once, or all values of each. */
function valuesOf(many: Given<string[]>, one: Given<string>): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const [name, all] of given(many, one)) {
    const known = [...(values.get(name.toLowerCase()) ?? []), ...all];
    if (known.length > 0) values.set(name.toLowerCase(), known);
  }
  return values;
}

/** As it came: a load balancer decodes no query. */
function queryOf({ multiValueQueryStringParameters, queryStringParameters }: ALBEvent): string {
  const pairs = given(multiValueQueryStringParameters, queryStringParameters).flatMap(([name, all]) =>
    all.map((value) => (value === '' ? name : `${name}=${value}`)),
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function given(many: Given<string[]>, one: Given<string>): (readonly [string, readonly string[]])[] {
  if (many !== undefined) return Object.entries(many).map(([name, all]) => [name, all ?? []] as const);
  return Object.entries(one ?? {}).map(([name, value]) => [name, [value ?? '']] as const);
}

/** Given twice it is no one's: who sent which cannot be told. */
function certificateOf(values: readonly string[]): ShownCertificate {
  const [value, ...others] = values;
  if (value === undefined || value === '') return { fault: 'certificate-missing' };
  if (others.length > 0) return { fault: 'certificate-ambiguous' };
  try {
    const [, base64] = (value.length <= LEAF_CHARACTERS ? PEM.exec(decodeURIComponent(value)) : null) ?? [];
    if (base64 !== undefined) return { der: Buffer.from(base64, 'base64') };
  } catch {
    // Not even URL-encoded.
  }
  return { fault: 'certificate-unreadable' };
}
