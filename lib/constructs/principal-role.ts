import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, CompositePrincipal, type IPrincipal, PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { FUNCTIONS } from '../../topology/functions.ts';
import { PEOPLE } from '../../topology/grants.ts';
import type { Principal } from '../../topology/principals.ts';
import { type Place, statementOf, wideResources } from '../grants/grant.ts';
import { principalGrants } from '../grants/principal.ts';
import { runtimeGrants } from '../grants/runtime.ts';
import { acceptWildcard } from '../guardrails/accept.ts';
import { physicalName, type Stage } from '../stage.ts';

export interface PrincipalRoleProps {
  readonly stage: Stage;
  readonly principal: Principal;
  readonly told: Place['told'];
}

/**
 * The role of a principal: what topology/ says it may do, and nothing that a construct adds by itself. Functions of the principal run
 * under it; people take it on with a second factor.
 * @source X.1332 10.1 (access control)
 */
export class PrincipalRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { stage, principal, told }: PrincipalRoleProps) {
    super(scope, id);
    const place = { stack: Stack.of(this), stage, told };
    const grants = [...principalGrants(place, principal), ...runtimeGrants(place, principal)];
    const statements = grants.map(statementOf);
    this.role = new Role(this, 'Role', {
      roleName: physicalName(stage, principal),
      description: `Joulekeep ${stage.name}: what ${principal} may do`,
      assumedBy: trustedOf(principal),
      inlinePolicies: { Grants: new PolicyDocument({ minimize: false, statements }) },
    });
    for (const grant of grants) {
      for (const resource of wideResources(grant)) acceptWildcard(this.role, resource, grant.widely!);
    }
  }
}

function trustedOf(principal: Principal): IPrincipal {
  const trusted: IPrincipal[] = [];
  if (FUNCTIONS.some((candidate) => candidate.principal === principal)) trusted.push(new ServicePrincipal('lambda.amazonaws.com'));
  if (PEOPLE.includes(principal)) {
    const conditions = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    trusted.push(new AccountRootPrincipal().withConditions(conditions));
  }
  return new CompositePrincipal(...trusted);
}
