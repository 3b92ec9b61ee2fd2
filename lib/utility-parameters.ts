import { PRIVATE_DOORS } from './door-routes.ts';

/**
 * What the utility itself writes down before it deploys, below `/joulekeep/<stage>/`: nothing of ours can know it. Every other
 * parameter is written by an earlier stack.
 */
export const UTILITY_PARAMETERS: Readonly<Record<string, string>> = {
  'fleet/concentrator/ca': 'PEM of the CA that signs certificates of concentrators',
  'fleet/concentrator/ca-verification': 'PEM of a certificate of that CA over the registration code of the account',
  'edge/certificate': 'ARN of the certificate of devices.<domain>, in the region of the stage',
  'edge/certificate-us-east-1': 'ARN of the certificate of my.<domain>, in us-east-1, where CloudFront wants it',
  'identity/certificate-us-east-1': 'ARN of the certificate of sign-in.<domain>, in us-east-1, where Cognito wants it',
  'trust/customers/ca-version': 'version of customers/ca.pem in the trust bucket',
  'doors/certificate': 'ARN of the certificate of console, operator, billing and third-party.<domain>, in the region of the stage',
  'doors/subnets': 'ids of private subnets of the operator link, divided by commas (a StringList)',
  ...Object.fromEntries(
    PRIVATE_DOORS.flatMap((door) => [
      [`trust/${door}/ca-version`, `version of ${door}/ca.pem in the trust bucket`],
      [`trust/${door}/crl-version`, `version of ${door}/revoked.crl in the trust bucket`],
    ]),
  ),
};
