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
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type DoorRule, type PrivateDoor, routesAt, rulesOf, targetName } from '../door-routes.ts';
import { TOLD, tell, told } from '../names.ts';
import { type OperatorLink, physicalName, type Stage } from '../stage.ts';
import { arnHere } from './arn-here.ts';
import { HEALTH_PATH } from './health.ts';

export interface DoorProps {
  readonly stage: Stage;
  readonly name: PrivateDoor;
  readonly link: OperatorLink;
  readonly subnets: readonly string[];
  readonly certificateArn: string;
  readonly trustBucket: string;
  readonly logBucket: string;
  readonly health: IFunction;
}

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
      port: 443,
      protocol: 'HTTPS',
      sslPolicy: SslPolicy.TLS13_13_PQ,
      certificates: [{ certificateArn }],
      mutualAuthentication: { mode: 'verify', trustStoreArn: this.#trustStore(), ignoreClientCertificateExpiry: false },
      defaultActions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: '404', contentType: 'application/json' } }],
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
    this.#routes(listener);
    tell(this, stage, `doors/${name}-target`, balancer.attrDnsName);
    tell(this, stage, TOLD.balancer(name), balancer.attrLoadBalancerFullName);
  }

  /** Functions of another stack, found by name; who may call them is said here, where it is known who does. */
  #routes(listener: CfnListener): void {
    const rules = rulesOf(routesAt(this.#props.name));
    const targets = new Map([...new Set(rules.map((rule) => rule.function))].map((name) => [name, this.#functionTarget(name)]));
    for (const rule of rules) {
      new CfnListenerRule(this, `Route-${rule.function}-${rule.pattern.replaceAll(/[^A-Za-z0-9*-]/g, '_').replaceAll('*', 'x')}`, {
        listenerArn: listener.ref,
        priority: rule.priority,
        conditions: conditionsOf(rule),
        actions: [{ type: 'forward', targetGroupArn: targets.get(rule.function)! }],
      });
    }
  }

  #functionTarget(name: string): string {
    const { stage } = this.#props;
    const group = targetName(stage, this.#props.name, name);
    const functionArn = arnHere('lambda', `function:${physicalName(stage, name)}`);
    const permission = new CfnPermission(this, `Permission-${name}`, {
      action: 'lambda:InvokeFunction',
      functionName: functionArn,
      principal: 'elasticloadbalancing.amazonaws.com',
      sourceArn: arnHere('elasticloadbalancing', `targetgroup/${group}/*`),
    });
    const target = new CfnTargetGroup(this, `Target-${name}`, {
      name: group,
      targetType: 'lambda',
      targets: [{ id: functionArn }],
      // A header or a field that comes twice is seen to come twice.
      targetGroupAttributes: [{ key: 'lambda.multi_value_headers.enabled', value: 'true' }],
    });
    target.addResourceDependency(permission);
    return target.ref;
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
      securityGroupIngress: link.cidrs.map((cidrIp) => ({
        cidrIp,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: 'Behind the operator link',
      })),
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

function conditionsOf({ pattern, methods }: DoorRule): CfnListenerRule.RuleConditionProperty[] {
  return [
    { field: 'path-pattern', pathPatternConfig: { values: [pattern] } },
    { field: 'http-request-method', httpRequestMethodConfig: { values: [...methods] } },
  ];
}
