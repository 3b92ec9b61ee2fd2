import { Duration, type SecretValue } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  Function as ViewerFunction,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';
import { FROM_DISTRIBUTION, VIEWER_ADDRESS } from './edge-wall.ts';

export interface EdgeDistributionProps {
  readonly stage: Stage;
  readonly domainName: string;
  /** ARN of a certificate in us-east-1, as CloudFront wants it. */
  readonly certificateArn: string;
  readonly api: RestApi;
  readonly secret: SecretValue;
  readonly logs: IBucket;
}

/** Writes the viewer's address over whatever a client put there: the rate of an address can't be dodged by a header. */
const VIEWER = `function handler(event) {
  event.request.headers['${VIEWER_ADDRESS}'] = { value: event.viewer.ip };
  return event.request;
}`;

/** CloudFront before the customers' API: TLS 1.3 alone, nothing cached, headers that browsers obey. */
export class EdgeDistribution extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, { stage, domainName, certificateArn, api, secret, logs }: EdgeDistributionProps) {
    super(scope, id);
    const viewer = new ViewerFunction(this, 'Viewer', {
      functionName: physicalName(stage, 'viewer-address'),
      code: FunctionCode.fromInline(VIEWER),
      runtime: FunctionRuntime.JS_2_0,
    });
    this.distribution = new Distribution(this, 'Distribution', {
      domainNames: [domainName],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_3_2025,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      enableLogging: true,
      logBucket: logs,
      logFilePrefix: 'distribution/',
      defaultBehavior: {
        origin: new RestApiOrigin(api, { customHeaders: { [FROM_DISTRIBUTION]: secret.unsafeUnwrap() } }),
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        responseHeadersPolicy: this.#responseHeaders(stage),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        functionAssociations: [{ function: viewer, eventType: FunctionEventType.VIEWER_REQUEST }],
      },
    });
  }

  #responseHeaders(stage: Stage): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: physicalName(stage, 'customers'),
      securityHeadersBehavior: {
        strictTransportSecurity: { accessControlMaxAge: Duration.days(730), includeSubdomains: true, preload: true, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      },
    });
  }
}
