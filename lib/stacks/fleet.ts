import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnLogging } from 'aws-cdk-lib/aws-iot';
import { BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { arnHere } from '../constructs/arn-here.ts';
import { FleetAudit } from '../constructs/fleet-audit.ts';
import { FleetAuthority } from '../constructs/fleet-authority.ts';
import { FleetNotices } from '../constructs/fleet-notices.ts';
import { FleetQuarantine } from '../constructs/fleet-quarantine.ts';
import { FleetWatch } from '../constructs/fleet-watch.ts';
import { privateBucket } from '../constructs/private-bucket.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { acknowledgeAll } from '../guardrails/acknowledged.ts';
import { FLEET_ACKNOWLEDGED } from '../guardrails/acknowledged-fleet.ts';
import { bucketName, tell } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/**
 * Who belongs to the fleet and who no longer: the utility's CAs, certificates shown for the first time, what is watched, and the
 * quarantine. An account has one stage in a region, because the audit and the log of the gateway are the account's.
 * @source X.1332 8.1, 10.1
 */
export class FleetStack extends Stack {
  readonly #stage: Stage;
  readonly #keys: StorageKeys;

  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: who belongs to the fleet' });
    this.#stage = stage;
    this.#keys = new StorageKeys(this, stage);
    const findings = this.#topic('findings');
    const violations = this.#topic('violations');
    new FleetQuarantine(this, 'Quarantine', { stage });
    new FleetAuthority(this, 'Authority', { stage });
    new FleetNotices(this, 'Notices', { stage, key: this.#keys.of('fleet'), violations });
    new FleetAudit(this, 'Audit', { stage, findings, tells: this.#tells(findings) });
    new FleetWatch(this, 'Watch', { stage, violations, tells: this.#tells(violations) });
    if (stage.alarmEmail !== undefined) findings.addSubscription(new EmailSubscription(stage.alarmEmail));
    this.#log();
    this.#trust();
    acknowledgeAll(this, FLEET_ACKNOWLEDGED);
  }

  #topic(name: string): Topic {
    const topicName = physicalName(this.#stage, name);
    return new Topic(this, name, { topicName, masterKey: this.#keys.of('fleet'), enforceSSL: true });
  }

  #tells(topic: Topic): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] }),
      new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [this.#keys.of('fleet').keyArn] }),
    ];
  }

  /** What the gateway refuses and what it fails at; traffic that passes is counted, not logged. */
  #log(): void {
    const group = arnHere('logs', 'log-group:AWSIotLogsV2:*');
    const role = new Role(this, 'LogRole', {
      assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
    });
    const actions = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:PutRetentionPolicy'];
    role.addToPolicy(new PolicyStatement({ actions, resources: [group] }));
    new CfnLogging(this, 'Log', { accountId: Aws.ACCOUNT_ID, defaultLogLevel: 'WARN', roleArn: role.roleArn }).node.addDependency(role);
  }

  /** CA certificates and revocation lists of customers, operator, third parties, billing and console: what edge and doors verify against. */
  #trust(): void {
    const bucket = privateBucket(this, 'Trust', this.#stage, {
      bucketName: bucketName(this, this.#stage, 'trust'),
      // Load balancers read it in their own name, which no key of ours knows; what lies here is public by nature.
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
    });
    tell(this, this.#stage, 'trust/bucket', bucket.bucketName);
  }
}
