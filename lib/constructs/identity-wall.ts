import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { physicalName, type Stage } from '../stage.ts';
import { blocking, visible } from './edge-wall.ts';

/** Requests of one address within five minutes. A sign-in is a dozen; behind one address are the homes of a carrier. */
export const SIGN_INS_PER_ADDRESS = 300;

export interface IdentityWallProps {
  readonly stage: Stage;
  readonly poolArn: string;
}

/** A web ACL of the user pool: whoever guesses, or makes the pool's quotas everybody's problem, is stopped before it. @source X.1332 8.3 */
export class IdentityWall extends Construct {
  constructor(scope: Construct, id: string, { stage, poolArn }: IdentityWallProps) {
    super(scope, id);
    const rate = blocking('rate-per-address', {
      rateBasedStatement: { limit: SIGN_INS_PER_ADDRESS, evaluationWindowSec: 300, aggregateKeyType: 'IP' },
    });
    const acl = new CfnWebACL(this, 'Acl', {
      name: physicalName(stage, 'sign-in'),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible('sign-in'),
      rules: [rate],
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn: poolArn, webAclArn: acl.attrArn });
  }
}
