import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Doorsteps } from '../http/deployed-doors.ts';

/** What a client has to know: which endpoint is at which door. @source RFC 8414, RFC 8705 5 */
export function metadataOf({ customer, thirdParty }: Doorsteps): APIGatewayProxyResult {
  const body = {
    issuer: customer,
    authorization_endpoint: `${customer}/oauth/authorize`,
    pushed_authorization_request_endpoint: `${thirdParty}/oauth/par`,
    token_endpoint: `${thirdParty}/oauth/token`,
    revocation_endpoint: `${thirdParty}/oauth/revoke`,
    require_pushed_authorization_requests: true,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['tls_client_auth'],
    revocation_endpoint_auth_methods_supported: ['tls_client_auth'],
    tls_client_certificate_bound_access_tokens: true,
    authorization_response_iss_parameter_supported: true,
  };
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
