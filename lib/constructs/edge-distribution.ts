import { Annotations, Duration, type SecretValue } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IResponseHeadersPolicy,
  OriginRequestPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  Function as ViewerFunction,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EDGE } from '../../topology/names.ts';
import { routesOfEdge } from '../door-routes.ts';
import { physicalName, type Stage } from '../stage.ts';
import { FROM_DISTRIBUTION } from './edge-wall.ts';
import { answerHeadersPolicy, webHeadersPolicy } from './web-headers-policy.ts';

export interface EdgeDistributionProps {
  readonly stage: Stage;
  readonly domainName: string;
  /** ARN of a certificate in us-east-1, as CloudFront wants it. */
  readonly certificateArn: string;
  readonly api: RestApi;
  readonly secret: SecretValue;
  /** With the portal as it was published. */
  readonly site: IBucket;
  /** Origins beside its own that the portal talks to. */
  readonly connect: readonly string[];
  readonly logs: IBucket;
}

/** Writes the viewer's address over whatever a client put there: the rate of an address can't be dodged by a header. */
const VIEWER = `function handler(event) {
  event.request.headers['${EDGE.viewer}'] = { value: event.viewer.ip };
  return event.request;
}`;

const LISTED = '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk';

/** First segments of the routes, which are the API's; everything else is a file of the portal. */
function pathsOfApi(): readonly string[] {
  return [...new Set(routesOfEdge('customers').map(({ path }) => `/${path.split('/')[1]}/*`))].sort();
}

/**
 * CloudFront before the portal's files and the customers' API: TLS 1.3 alone, one name for both, headers that browsers obey.
 * @source X.1332 9.2, 10.2
 */
export class EdgeDistribution extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: EdgeDistributionProps) {
    super(scope, id);
    const { stage, domainName, certificateArn, logs, connect } = props;
    const api = this.#api(props, answerHeadersPolicy(this, 'Headers', physicalName(stage, 'customers')));
    const headers = webHeadersPolicy(this, 'SiteHeaders', physicalName(stage, 'portal'), connect);
    this.distribution = new Distribution(this, 'Distribution', {
      domainNames: [domainName],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_3_2025,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      enableLogging: true,
      logBucket: logs,
      logFilePrefix: 'distribution/',
      defaultRootObject: 'index.html',
      defaultBehavior: this.#site(props, headers),
      additionalBehaviors: Object.fromEntries(pathsOfApi().map((path) => [path, api])),
    });
    Annotations.of(this).acknowledgeWarning(LISTED, 'The root is the page, by its name, and no query goes on to the bucket.');
  }

  /** Nothing is cached, and all that the viewer sent goes on. */
  #api({ stage, api, secret }: EdgeDistributionProps, responseHeadersPolicy: IResponseHeadersPolicy): BehaviorOptions {
    const viewer = new ViewerFunction(this, 'Viewer', {
      functionName: physicalName(stage, 'viewer-address'),
      code: FunctionCode.fromInline(VIEWER),
      runtime: FunctionRuntime.JS_2_0,
    });
    return {
      origin: new RestApiOrigin(api, { customHeaders: { [FROM_DISTRIBUTION]: secret.unsafeUnwrap() } }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      functionAssociations: [{ function: viewer, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
  }

  /** How long a file is kept says the file: what the publisher wrote beside it. A query, a cookie or a header means nothing here. */
  #site({ stage, site }: EdgeDistributionProps, responseHeadersPolicy: IResponseHeadersPolicy): BehaviorOptions {
    const cachePolicy = new CachePolicy(this, 'Cache', {
      cachePolicyName: physicalName(stage, 'portal'),
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    });
    return {
      // Who may list is told that a file is not there, instead of that it is forbidden; no query gets as far as a list.
      origin: S3BucketOrigin.withOriginAccessControl(site, { originAccessLevels: [AccessLevel.READ, AccessLevel.LIST] }),
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy,
      responseHeadersPolicy,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    };
  }
}
