import { X509Certificate } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { RouteMatch } from '../../topology/routes.ts';
import type { Principal } from '../ports/authorizer.ts';

const API = 'joulekeep';
const ACCOUNT = '000000000000';
/** What handlers may see of the headers: nothing else that a client makes up reaches them. */
const PASSED_ON = [
  'accept',
  'authorization',
  'content-type',
  'cookie',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'user-agent',
] as const;

/** A request that the authorizer let through. */
export interface AuthorizedRequest {
  readonly requestId: string;
  readonly match: RouteMatch;
  readonly principal: Principal;
  /** As it came, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | undefined;
  /** DER; absent where the caller works on the state directory itself. */
  readonly certificate?: Buffer;
  readonly sourceIp: string;
  /** UTC ms. */
  readonly at: number;
}

/** The event a REST API of API Gateway with a Lambda proxy makes of it. */
export function apiEvent(request: AuthorizedRequest): APIGatewayProxyEvent {
  const { match, path, query, body } = request;
  const { route, parameters } = match;
  const headers = Object.fromEntries(
    PASSED_ON.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]])),
  );
  const given = Object.keys(query).length > 0;
  return {
    resource: route.path,
    path,
    httpMethod: route.method,
    headers,
    multiValueHeaders: many(headers),
    queryStringParameters: given ? { ...query } : null,
    multiValueQueryStringParameters: given ? many(query) : null,
    pathParameters: Object.keys(parameters).length > 0 ? { ...parameters } : null,
    stageVariables: null,
    requestContext: contextOf(request),
    body: body ?? null,
    isBase64Encoded: false,
  };
}

function contextOf({
  requestId,
  match,
  principal,
  path,
  certificate,
  sourceIp,
  at,
}: AuthorizedRequest): APIGatewayProxyEvent['requestContext'] {
  return {
    accountId: ACCOUNT,
    apiId: API,
    authorizer: authorizerOf(principal),
    httpMethod: match.route.method,
    identity: identityOf(sourceIp, certificate),
    path,
    protocol: 'HTTP/1.1',
    requestId,
    requestTimeEpoch: at,
    resourceId: match.route.name,
    resourcePath: match.route.path,
    stage: 'v1',
  };
}

/** Plain values, as the context of an authorizer has them. */
function authorizerOf({ person, role, signIn, proofKey }: Principal): Record<string, string | number> {
  return {
    ...{ principalId: person, person, role },
    ...(signIn && { session: signIn.session, signedInAt: signIn.at, signInMethod: signIn.method }),
    ...(proofKey !== undefined && { proofKey }),
  };
}

function identityOf(sourceIp: string, certificate: Buffer | undefined): APIGatewayProxyEvent['requestContext']['identity'] {
  return {
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: certificate === undefined ? null : clientCert(new X509Certificate(certificate)),
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp,
    user: null,
    userAgent: null,
    userArn: null,
  };
}

function clientCert(certificate: X509Certificate) {
  const { subject, issuer, serialNumber, validFrom, validTo } = certificate;
  return {
    clientCertPem: certificate.toString(),
    issuerDN: issuer,
    serialNumber,
    subjectDN: subject,
    validity: { notBefore: validFrom, notAfter: validTo },
  };
}

function many(values: Readonly<Record<string, string | undefined>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value ?? '']]));
}
