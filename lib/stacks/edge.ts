import { Stack } from 'aws-cdk-lib';
import { CfnAccount, DomainName, EndpointType, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { EdgeApi } from '../constructs/edge-api.ts';
import { EdgeDistribution } from '../constructs/edge-distribution.ts';
import { EdgeWall } from '../constructs/edge-wall.ts';
import { Health } from '../constructs/health.ts';
import { logBucket } from '../constructs/log-bucket.ts';
import { siteBucket } from '../constructs/site-bucket.ts';
import { acknowledgeAll } from '../guardrails/acknowledged.ts';
import { EDGE_ACKNOWLEDGED } from '../guardrails/acknowledged-edge.ts';
import { tell, told } from '../names.ts';
import { doorHost, physicalName, type Stage, signInOrigins, stageError } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** API Gateway refuses a role for its logs that may do less. */
const API_LOGS = [
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'logs:PutLogEvents',
];

/** Why a stage has no edge, in one line; undefined when it has one. */
export function edgeLeftOut(stage: Stage): string | undefined {
  return stage.domain === undefined ? `edge: left out, stage ${stage.name} has no domain` : undefined;
}

/**
 * The public side, for customers alone: their displays by mutual TLS, their browsers and apps through CloudFront.
 * @source X.1332 9.2, 10.2 @throws ERR_STAGE_INVALID for a stage without a domain
 */
export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: portal and API of customers' });
    if (stage.domain === undefined)
      throw stageError('domain', 'the edge needs a name of its own', 'give the stage a domain, or leave the edge out');
    const health = new Health(this, 'Health', { stage, name: 'edge-health' }).function;
    this.#logRole();
    this.#devices(stage, `devices.${stage.domain}`, health);
    this.#customers(stage, stage.domain, health);
    acknowledgeAll(this, EDGE_ACKNOWLEDGED);
  }

  /** Displays and home gateways prove themselves with a certificate under the customers' CA; nothing else gets as far as HTTP. */
  #devices(stage: Stage, domainName: string, health: IFunction): void {
    const name = 'devices';
    const description = 'Displays at home, by mutual TLS';
    const { api } = new EdgeApi(this, 'Devices', { stage, name, description, health, defaultEndpoint: false });
    const domain = new DomainName(this, 'DevicesDomain', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'DevicesCertificate', told(this, stage, 'edge/certificate')),
      endpointType: EndpointType.REGIONAL,
      // API Gateway offers no policy with TLS 1.3 alone on a domain with mutual TLS; this one negotiates 1.3 with who has it.
      securityPolicy: SecurityPolicy.TLS_1_2,
      mtls: {
        bucket: Bucket.fromBucketName(this, 'Trust', told(this, stage, 'trust/bucket')),
        key: 'customers/ca.pem',
        version: told(this, stage, 'trust/customers/ca-version'),
      },
    });
    domain.addBasePathMapping(api, { stage: api.deploymentStage });
    new EdgeWall(this, 'DevicesWall', { stage, name, api });
    tell(this, stage, 'edge/devices-target', domain.domainNameAliasDomainName);
  }

  /** What CloudFront talks to can be reached from the internet as well: without CloudFront's secret the wall refuses it. */
  #customers(stage: Stage, domain: string, health: IFunction): void {
    const name = 'customers';
    const description = 'Customers, through CloudFront';
    const customers = new EdgeApi(this, 'Customers', { stage, name, description, health, defaultEndpoint: true });
    // CloudFront speaks TLS 1.2 to its origins.
    customers.demandTls(SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09);
    const secret = new Secret(this, 'OriginSecret', {
      secretName: physicalName(stage, 'edge-origin'),
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    }).secretValue;
    const { api } = customers;
    new EdgeWall(this, 'CustomersWall', { stage, name, api, secret });
    const logs = logBucket(this, stage, 'edge-logs');
    const certificateArn = told(this, stage, 'edge/certificate-us-east-1');
    const site = siteBucket(this, stage, 'portal', logs);
    const domainName = doorHost(domain, 'customer');
    const connect = signInOrigins(stage, domain);
    const { distribution } = new EdgeDistribution(this, 'Front', { stage, domainName, certificateArn, api, secret, site, connect, logs });
    tell(this, stage, 'edge/customers-target', distribution.distributionDomainName);
  }

  /** API Gateway writes logs in the name of one role per account and region. */
  #logRole(): void {
    const role = new Role(this, 'ApiLogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      inlinePolicies: { Log: new PolicyDocument({ statements: [new PolicyStatement({ actions: API_LOGS, resources: ['*'] })] }) },
    });
    new CfnAccount(this, 'ApiAccount', { cloudWatchRoleArn: role.roleArn });
  }
}
