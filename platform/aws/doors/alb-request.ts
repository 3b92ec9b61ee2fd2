import type { ALBEvent } from 'aws-lambda';
import { resourceName } from '../../../topology/names.ts';
import { DOORS, type DoorName } from '../../../topology/route.ts';
import { targetOf } from '../../doors/request-rules.ts';
import { type DoorRequest, derOf, queryOf, type ShownCertificate, singled, valuesOf } from './door-request.ts';

/** Header of the load balancer with the certificate that the handshake proved: PEM, URL-encoded but for `+=/`. */
const LEAF = 'x-amzn-mtls-clientcert-leaf';
const LEAF_CHARACTERS = 8_192;
/** Of the function behind a target group, at the end of its name; of a listener that asks for no certificate with its own ending. */
const MARK = /^-[0-9a-f]{5}(-web)?$/;
const UNASKED = '-web';

/** Reads what came, and decodes nothing of the path. @param queryBytes the most a query may have */
export function albRequest(event: ALBEvent, stage: string, queryBytes: number): DoorRequest {
  const values = valuesOf(event.multiValueHeaders, event.headers);
  const group = groupOf(event.requestContext.elb.targetGroupArn);
  // A load balancer decodes no query.
  const query = queryOf(event.multiValueQueryStringParameters, event.queryStringParameters, (text) => text);
  return {
    door: doorOf(group, stage),
    method: event.httpMethod,
    target: targetOf(`${event.path}${query}`, queryBytes),
    ...singled(values),
    // Where the listener asks for none, the header is the client's own doing.
    certificate: group.endsWith(UNASKED) ? { fault: 'certificate-missing' } : certificateOf(values.get(LEAF) ?? []),
    // What the client itself wrote into the header stands before it.
    sourceIp: (values.get('x-forwarded-for') ?? []).join(',').split(',').at(-1)!.trim(),
  };
}

function groupOf(targetGroupArn: string): string {
  return /:targetgroup\/([A-Za-z0-9-]+)\/[0-9a-f]+$/.exec(targetGroupArn)?.[1] ?? '';
}

/** A target group is named `joulekeep-<stage>-<door>-<function's mark>`. The load balancer says which it is; a client cannot. */
function doorOf(name: string, stage: string): DoorName | undefined {
  return DOORS.find((door) => name.startsWith(`${resourceName(stage, door)}-`) && MARK.test(name.slice(resourceName(stage, door).length)));
}

/** Given twice it is no one's: who sent which cannot be told. */
function certificateOf(values: readonly string[]): ShownCertificate {
  const [value, ...others] = values;
  if (value === undefined || value === '') return { fault: 'certificate-missing' };
  if (others.length > 0) return { fault: 'certificate-ambiguous' };
  try {
    const der = value.length <= LEAF_CHARACTERS ? derOf(decodeURIComponent(value)) : undefined;
    if (der !== undefined) return { der };
  } catch {
    // Not even URL-encoded.
  }
  return { fault: 'certificate-unreadable' };
}
