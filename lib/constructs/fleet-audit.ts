import { Aws } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAccountAuditConfiguration, CfnScheduledAudit } from 'aws-cdk-lib/aws-iot';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';

/** Every check there is: its property in the account's configuration, and its name in a schedule. */
export const AUDIT_CHECKS = {
  authenticatedCognitoRoleOverlyPermissiveCheck: 'AUTHENTICATED_COGNITO_ROLE_OVERLY_PERMISSIVE_CHECK',
  caCertificateExpiringCheck: 'CA_CERTIFICATE_EXPIRING_CHECK',
  caCertificateKeyQualityCheck: 'CA_CERTIFICATE_KEY_QUALITY_CHECK',
  conflictingClientIdsCheck: 'CONFLICTING_CLIENT_IDS_CHECK',
  deviceCertificateAgeCheck: 'DEVICE_CERTIFICATE_AGE_CHECK',
  deviceCertificateExpiringCheck: 'DEVICE_CERTIFICATE_EXPIRING_CHECK',
  deviceCertificateKeyQualityCheck: 'DEVICE_CERTIFICATE_KEY_QUALITY_CHECK',
  deviceCertificateSharedCheck: 'DEVICE_CERTIFICATE_SHARED_CHECK',
  intermediateCaRevokedForActiveDeviceCertificatesCheck: 'INTERMEDIATE_CA_REVOKED_FOR_ACTIVE_DEVICE_CERTIFICATES_CHECK',
  iotPolicyOverlyPermissiveCheck: 'IOT_POLICY_OVERLY_PERMISSIVE_CHECK',
  ioTPolicyPotentialMisConfigurationCheck: 'IOT_POLICY_POTENTIAL_MISCONFIGURATION_CHECK',
  iotRoleAliasAllowsAccessToUnusedServicesCheck: 'IOT_ROLE_ALIAS_ALLOWS_ACCESS_TO_UNUSED_SERVICES_CHECK',
  iotRoleAliasOverlyPermissiveCheck: 'IOT_ROLE_ALIAS_OVERLY_PERMISSIVE_CHECK',
  loggingDisabledCheck: 'LOGGING_DISABLED_CHECK',
  revokedCaCertificateStillActiveCheck: 'REVOKED_CA_CERTIFICATE_STILL_ACTIVE_CHECK',
  revokedDeviceCertificateStillActiveCheck: 'REVOKED_DEVICE_CERTIFICATE_STILL_ACTIVE_CHECK',
  unauthenticatedCognitoRoleOverlyPermissiveCheck: 'UNAUTHENTICATED_COGNITO_ROLE_OVERLY_PERMISSIVE_CHECK',
} as const satisfies Record<keyof Required<CfnAccountAuditConfiguration.AuditCheckConfigurationsProperty>, string>;

/** A concentrator's certificate is renewed long before; the service reports nothing younger than 30 days. */
const CERTIFICATE_AGE_DAYS = 730;

/** What the checks read: the registry, and the roles that devices and apps could come by. Nothing is changed. */
const LOOKS = [
  'cognito-identity:GetIdentityPoolRoles',
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetPolicy',
  'iam:GetPolicyVersion',
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:GetServiceLastAccessedDetails',
  'iam:ListAttachedRolePolicies',
  'iam:ListRolePolicies',
  'iot:DescribeCACertificate',
  'iot:DescribeCertificate',
  'iot:DescribeRoleAlias',
  'iot:GetEffectivePolicies',
  'iot:GetLoggingOptions',
  'iot:GetPolicy',
  'iot:GetV2LoggingOptions',
  'iot:ListCACertificates',
  'iot:ListCertificates',
  'iot:ListPolicies',
  'iot:ListRoleAliases',
];

/** The registry looked at as a whole once a day, and whatever is not as it should be told. @source X.1332 10.1 */
export class FleetAudit extends Construct {
  constructor(scope: Construct, id: string, { stage, findings, tells }: { stage: Stage; findings: ITopic; tells: PolicyStatement[] }) {
    super(scope, id);
    const assumedBy = new ServicePrincipal('iot.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } });
    const auditor = new Role(this, 'Auditor', {
      assumedBy,
      inlinePolicies: { Look: new PolicyDocument({ statements: [new PolicyStatement({ actions: LOOKS, resources: ['*'] })] }) },
    });
    const teller = new Role(this, 'Teller', { assumedBy });
    for (const statement of tells) teller.addToPolicy(statement);
    const checks = Object.keys(AUDIT_CHECKS).map((check) => [check, { enabled: true }] as const);
    const age = { enabled: true, configuration: { certAgeThresholdInDays: String(CERTIFICATE_AGE_DAYS) } };
    const account = new CfnAccountAuditConfiguration(this, 'Account', {
      accountId: Aws.ACCOUNT_ID,
      roleArn: auditor.roleArn,
      auditCheckConfigurations: { ...Object.fromEntries(checks), deviceCertificateAgeCheck: age },
      auditNotificationTargetConfigurations: { sns: { enabled: true, targetArn: findings.topicArn, roleArn: teller.roleArn } },
    });
    new CfnScheduledAudit(this, 'Daily', {
      scheduledAuditName: physicalName(stage, 'daily'),
      frequency: 'DAILY',
      targetCheckNames: Object.values(AUDIT_CHECKS),
    }).addResourceDependency(account);
  }
}
