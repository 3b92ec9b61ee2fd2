import { Duration } from 'aws-cdk-lib';
import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  type ResponseCustomHeader,
  ResponseHeadersPolicy,
  type ResponseSecurityHeadersBehavior,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { securityHeaders, type WebHeaders } from '../../topology/web-headers.ts';

/** Headers that CloudFront takes in a form of its own, and in no other. */
const OF_ITS_OWN = ['content-security-policy', 'strict-transport-security', 'x-content-type-options', 'referrer-policy'];

/**
 * Of files: the headers of topology/web-headers.ts, over whatever an origin says. @param connect origins of the policy
 * @throws RangeError when a header is not one that CloudFront can say in its own form
 */
export function webHeadersPolicy(scope: Construct, id: string, name: string, connect: readonly string[]): ResponseHeadersPolicy {
  const headers = securityHeaders(connect);
  if (headers['referrer-policy'] !== HeadersReferrerPolicy.NO_REFERRER) throw new RangeError('web headers: another referrer-policy');
  const customHeaders: ResponseCustomHeader[] = Object.entries(headers)
    .filter(([header]) => !OF_ITS_OWN.includes(header))
    .map(([header, value]) => ({ header, value, override: true }));
  return new ResponseHeadersPolicy(scope, id, {
    responseHeadersPolicyName: name,
    securityHeadersBehavior: {
      ...transport(headers),
      contentSecurityPolicy: { contentSecurityPolicy: headers['content-security-policy'] ?? '', override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
    },
    customHeadersBehavior: { customHeaders },
  });
}

/** Of answers, which are no pages: what functions say stays, and one host has one transport policy. @throws RangeError as above */
export function answerHeadersPolicy(scope: Construct, id: string, name: string): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, id, {
    responseHeadersPolicyName: name,
    securityHeadersBehavior: {
      ...transport(securityHeaders([])),
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
    },
  });
}

function transport(headers: WebHeaders): Pick<ResponseSecurityHeadersBehavior, 'strictTransportSecurity' | 'contentTypeOptions'> {
  const [, seconds] = /^max-age=(\d+)$/.exec(headers['strict-transport-security'] ?? '') ?? [];
  if (seconds === undefined || headers['x-content-type-options'] !== 'nosniff')
    throw new RangeError('web headers: another transport policy');
  const accessControlMaxAge = Duration.seconds(Number(seconds));
  return {
    strictTransportSecurity: { accessControlMaxAge, includeSubdomains: false, preload: false, override: true },
    contentTypeOptions: { override: true },
  };
}
