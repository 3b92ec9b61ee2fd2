import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  CfnListener,
  CfnListenerRule,
  CfnLoadBalancer,
  CfnTargetGroup,
  CfnTrustStore,
  CfnTrustStoreRevocation,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type PrivateDoor, portOf } from '../door-routes.ts';
import { TOLD, tell, told } from '../names.ts';
import { type OperatorLink, physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';
import { doorRules, functionTarget } from './door-rules.ts';
import { HEALTH_PATH } from './health.ts';
import type { SiteFunction } from './site-function.ts';

export interface DoorProps {
  readonly stage: Stage;
  readonly name: PrivateDoor;
  readonly link: OperatorLink;
  readonly subnets: readonly string[];
  readonly certificateArn: string;
  readonly trustBucket: string;
  readonly logBucket: string;
  readonly health: IFunction;
  /** At a door that browsers come to. */
  readonly site?: SiteFunction;
}

const NOT_FOUND = { type: 'fixed-response', fixedResponseConfig: { statusCode: '404', contentType: 'application/json' } } as const;
/** A page, what it loads, and nothing with a slash more. */
const SITE_PATHS = ['/', '/assets/*', '/*.*'];
const LAST = 49_999;

/**
 * An internal load balancer that lets in who comes from the operator link and shows a certificate under this audience's CA that
 * has not been revoked, and hands the door's own routes to their functions. Every other path is 404.
 * @source X.1332 9.3, 9.4, 10.3, 10.4
 */
export class Door extends Construct {
  readonly #props: DoorProps;

  constructor(scope: Construct, id: string, props: DoorProps) {
    super(scope, id);
    this.#props = props;
    const { stage, name, certificateArn } = props;
    const balancer = this.#balancer();
    const listener = new CfnListener(this, 'Listener', {
      loadBalancerArn: balancer.ref,
      port: portOf(name, 'certificates'),
      protocol: 'HTTPS',
      sslPolicy: SslPolicy.TLS13_13_PQ,
      certificates: [{ certificateArn }],
      mutualAuthentication: { mode: 'verify', trustStoreArn: this.#trustStore(), ignoreClientCertificateExpiry: false },
      defaultActions: [NOT_FOUND],
    });
    new CfnListenerRule(this, 'Health', {
      listenerArn: listener.ref,
      priority: 1,
      conditions: [
        { field: 'path-pattern', pathPatternConfig: { values: [HEALTH_PATH] } },
        { field: 'http-request-method', httpRequestMethodConfig: { values: ['GET'] } },
      ],
      actions: [{ type: 'forward', targetGroupArn: this.#target() }],
    });
    doorRules(this, { stage, door: name, listening: 'certificates', listener: listener.ref });
    if (props.site !== undefined) this.#browsers(balancer.ref, props.site);
    tell(this, stage, `doors/${name}-target`, balancer.attrDnsName);
    tell(this, stage, TOLD.balancer(name), balancer.attrLoadBalancerFullName);
  }

  /**
   * Browsers come without a certificate and sign in, at a listener of their own. One listener in passthrough mode would do for both, but then
   * the header with the certificate would be believed where nobody has verified one.
   */
  #browsers(loadBalancerArn: string, site: SiteFunction): void {
    const { stage, name, certificateArn } = this.#props;
    const scope = new Construct(this, 'Browsers');
    const listener = new CfnListener(scope, 'Listener', {
      loadBalancerArn,
      port: portOf(name, 'browsers'),
      protocol: 'HTTPS',
      sslPolicy: SslPolicy.TLS13_13_PQ,
      certificates: [{ certificateArn }],
      mutualAuthentication: { mode: 'off' },
      defaultActions: [NOT_FOUND],
    });
    doorRules(scope, { stage, door: name, listening: 'browsers', listener: listener.ref });
    const files = functionTarget(scope, 'site', site.function.functionArn, physicalName(stage, `${name}-site`));
    for (const [at, path] of SITE_PATHS.entries())
      new CfnListenerRule(scope, `Site-${at}`, {
        listenerArn: listener.ref,
        // After every route: the lowest that fits is taken.
        priority: LAST - at,
        conditions: [
          { field: 'path-pattern', pathPatternConfig: { values: [path] } },
          { field: 'http-request-method', httpRequestMethodConfig: { values: ['GET', 'HEAD'] } },
        ],
        actions: [{ type: 'forward', targetGroupArn: files }],
      });
  }

  #balancer(): CfnLoadBalancer {
    const { stage, name, subnets, logBucket } = this.#props;
    const attributes = {
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': logBucket,
      'access_logs.s3.prefix': `${name}/access`,
      // Says of each connection which certificate it showed, and why it was refused.
      'connection_logs.s3.enabled': 'true',
      'connection_logs.s3.bucket': logBucket,
      'connection_logs.s3.prefix': `${name}/connection`,
      'deletion_protection.enabled': String(stage.retains),
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'strictest',
      'idle_timeout.timeout_seconds': '30',
    };
    return new CfnLoadBalancer(this, 'Balancer', {
      name: physicalName(stage, name),
      type: 'application',
      scheme: 'internal',
      ipAddressType: 'ipv4',
      subnets: [...subnets],
      securityGroups: [this.#securityGroup()],
      loadBalancerAttributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    });
  }

  /** In from the operator link; out to nobody, for the functions behind a door are not in this network. */
  #securityGroup(): string {
    const { stage, name, link } = this.#props;
    const nowhere = { cidrIp: '255.255.255.255/32', ipProtocol: 'icmp', fromPort: 252, toPort: 86, description: 'Nothing goes out' };
    return new CfnSecurityGroup(this, 'Ranges', {
      groupName: physicalName(stage, `door-${name}`),
      groupDescription: `Ranges behind the operator link, to the ${name} door`,
      vpcId: link.vpcId,
      securityGroupIngress: link.cidrs.flatMap((cidrIp) =>
        [...new Set([443, portOf(name, 'certificates')])].map((port) => ({
          cidrIp,
          ipProtocol: 'tcp',
          fromPort: port,
          toPort: port,
          description: 'Behind the operator link',
        })),
      ),
      securityGroupEgress: [nowhere],
    }).attrGroupId;
  }

  /** One CA and its revocation list, by the versions of the objects: a new list takes effect with the next deployment. */
  #trustStore(): string {
    const { stage, name, trustBucket } = this.#props;
    const store = new CfnTrustStore(this, 'Trust', {
      name: physicalName(stage, name),
      caCertificatesBundleS3Bucket: trustBucket,
      caCertificatesBundleS3Key: `${name}/ca.pem`,
      caCertificatesBundleS3ObjectVersion: told(this, stage, `trust/${name}/ca-version`),
    });
    const revoked = {
      revocationType: 'CRL',
      s3Bucket: trustBucket,
      s3Key: `${name}/revoked.crl`,
      s3ObjectVersion: told(this, stage, `trust/${name}/crl-version`),
    };
    new CfnTrustStoreRevocation(this, 'Revoked', { trustStoreArn: store.attrTrustStoreArn, revocationContents: [revoked] });
    return store.attrTrustStoreArn;
  }

  #target(): string {
    const { stage, name, health } = this.#props;
    const group = physicalName(stage, `${name}-up`);
    const groupArn = arnHere('elasticloadbalancing', `targetgroup/${group}/*`);
    health.addPermission(`${name}-door`, { principal: new ServicePrincipal('elasticloadbalancing.amazonaws.com'), sourceArn: groupArn });
    const target = new CfnTargetGroup(this, 'Target', { name: group, targetType: 'lambda', targets: [{ id: health.functionArn }] });
    // Registering the target is refused until the load balancer may call it.
    target.node.addDependency(health);
    return target.ref;
  }
}
