import type { SecretValue } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { EDGE } from '../../topology/names.ts';
import { physicalName, type Stage } from '../stage.ts';
import { removalOf } from './removal.ts';

/** Requests of one address within five minutes. A display at home asks every few seconds at most. */
export const REQUESTS_PER_ADDRESS = 1_000;

/** What the distribution adds, over anything a client sent: the secret that says so. The address of the viewer is in another header. */
export const FROM_DISTRIBUTION = 'x-joulekeep-origin';

export interface EdgeWallProps {
  readonly stage: Stage;
  readonly name: string;
  readonly api: RestApi;
  /** Where a distribution stands before the API: its secret. Requests without it are refused. */
  readonly secret?: SecretValue;
}

type Rule = CfnWebACL.RuleProperty;

const COMMON = 'AWSManagedRulesCommonRuleSet';
const MANAGED = [COMMON, 'AWSManagedRulesKnownBadInputsRuleSet', 'AWSManagedRulesAmazonIpReputationList'];

/** A web ACL of one REST API: only through the distribution where there is one, a rate per address, the managed rules of AWS. */
export class EdgeWall extends Construct {
  constructor(scope: Construct, id: string, { stage, name, api, secret }: EdgeWallProps) {
    super(scope, id);
    const rules = [
      ...(secret === undefined ? [] : [throughDistribution(secret)]),
      ratePerAddress(secret !== undefined),
      ...managed(secret !== undefined),
    ];
    const acl = new CfnWebACL(this, 'Acl', {
      name: physicalName(stage, name),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible(name),
      rules: rules.map((rule, priority) => ({ ...rule, priority })),
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn: api.deploymentStage.stageArn, webAclArn: acl.attrArn });
    // AWS WAF writes to groups of this prefix alone.
    const log = new LogGroup(this, 'Log', {
      logGroupName: `aws-waf-logs-${physicalName(stage, name)}`,
      retention: stage.logDays,
      removalPolicy: removalOf(stage),
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [log.logGroupArn],
      redactedFields: ['authorization', 'cookie', FROM_DISTRIBUTION].map((header) => ({ singleHeader: { Name: header } })),
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
      },
    });
  }
}

function throughDistribution(secret: SecretValue): Rule {
  const match = {
    fieldToMatch: { singleHeader: { Name: FROM_DISTRIBUTION } },
    positionalConstraint: 'EXACTLY',
    searchString: secret.unsafeUnwrap(),
    textTransformations: [{ priority: 0, type: 'NONE' }],
  };
  return blocking('through-distribution', { notStatement: { statement: { byteMatchStatement: match } } });
}

/** Behind a distribution every request comes from its addresses: the viewer's is in a header that the distribution sets. */
function ratePerAddress(behindDistribution: boolean): Rule {
  const limit = { limit: REQUESTS_PER_ADDRESS, evaluationWindowSec: 300 };
  const forwardedIpConfig = { headerName: EDGE.viewer, fallbackBehavior: 'MATCH' };
  const rateBasedStatement = behindDistribution
    ? { ...limit, aggregateKeyType: 'FORWARDED_IP', forwardedIpConfig }
    : { ...limit, aggregateKeyType: 'IP' };
  return blocking('rate-per-address', { rateBasedStatement });
}

/** @param browsers whether those who come say what they are: a display at home need not */
function managed(browsers: boolean): Rule[] {
  const nameless = { name: 'NoUserAgent_HEADER', actionToUse: { count: {} } };
  return MANAGED.map((name) => ({
    name,
    priority: 0,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: { vendorName: 'AWS', name, ...(!browsers && name === COMMON && { ruleActionOverrides: [nameless] }) },
    },
    visibilityConfig: visible(name),
  }));
}

export function blocking(name: string, statement: CfnWebACL.StatementProperty): Rule {
  return { name, priority: 0, action: { block: {} }, statement, visibilityConfig: visible(name) };
}

export function visible(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}
