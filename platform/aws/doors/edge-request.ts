import type { APIGatewayProxyEvent } from 'aws-lambda';
import { EDGE } from '../../../topology/names.ts';
import { targetOf } from '../../doors/request-rules.ts';
import { type DoorRequest, derOf, queryOf, type ShownCertificate, singled, valuesOf } from './door-request.ts';

/** As API Gateway writes a certificate down: it may end without a line, or with more than one. */
const LINES_END = /\s*$/;

/**
 * Reads what a REST API of the edge hands over. Both are the customers' door: one behind the distribution, where the client's address
 * is what the distribution wrote; one on a domain that asks for a certificate, where the connection's own counts. Which it is says a
 * variable of the API's stage, which no client can set.
 */
export function edgeRequest(event: APIGatewayProxyEvent, queryBytes: number): DoorRequest {
  const { stageVariables, requestContext, httpMethod, path, body } = event;
  const front = stageVariables?.[EDGE.variable];
  const isOurs = front === EDGE.distribution || front === EDGE.certificates;
  const values = new Map(valuesOf(event.multiValueHeaders, event.headers));
  // How long a body is, the API knows better than what was announced.
  if (body !== null && body !== '') values.set('content-length', [String(Buffer.byteLength(body))]);
  // The API has decoded the query.
  const query = queryOf(event.multiValueQueryStringParameters, event.queryStringParameters, encodeURIComponent);
  const viewer = front === EDGE.distribution ? values.get(EDGE.viewer) : undefined;
  return {
    door: isOurs ? 'customer' : undefined,
    method: httpMethod,
    target: targetOf(`${path}${query}`, queryBytes),
    ...singled(values),
    certificate: certificateOf(requestContext.identity.clientCert?.clientCertPem),
    sourceIp: viewer?.at(-1) ?? requestContext.identity.sourceIp,
  };
}

function certificateOf(pem: string | undefined): ShownCertificate {
  if (pem === undefined || pem === '') return { fault: 'certificate-missing' };
  const der = derOf(pem.replace(LINES_END, '\n'));
  return der === undefined ? { fault: 'certificate-unreadable' } : { der };
}
