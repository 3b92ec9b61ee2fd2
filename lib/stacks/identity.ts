import { Stack } from 'aws-cdk-lib';
import {
  CfnManagedLoginBranding,
  CfnUserPool,
  CfnUserPoolClient,
  CfnUserPoolDomain,
  CfnUserPoolGroup,
  type CfnUserPoolProps,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { PERSON_ROLES } from '../../topology/route.ts';
import { APPLICATIONS, type Application } from '../../topology/site-config.ts';
import { IdentityWall } from '../constructs/identity-wall.ts';
import { removalOf } from '../constructs/removal.ts';
import { acknowledgeAll } from '../guardrails/acknowledged.ts';
import { IDENTITY_ACKNOWLEDGED } from '../guardrails/acknowledged-identity.ts';
import { TOLD, tell, told } from '../names.ts';
import { doorAddress, physicalName, type Stage, signInHost, stageError } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** Minutes of every token of the provider: what lasts longer is our own session. */
const TOKEN_MINUTES = 10;
/** Claim of customers with the account that is theirs, as sign-ins are read. */
const ACCOUNT = 'account';
const DOOR_OF = { portal: 'customer', console: 'console' } as const satisfies Record<Application, string>;

/** Why a stage has nowhere to sign in, in one line; undefined when it has. */
export function identityLeftOut(stage: Stage): string | undefined {
  return stage.domain === undefined ? `identity: left out, stage ${stage.name} has no domain` : undefined;
}

/**
 * Who people and customers are: one pool whose users the utility makes, with a client for each application. Everything here is
 * stateful: a passkey that is gone with its pool is gone from nobody's telephone.
 * @source X.1332 10.2 (authentication) @throws ERR_STAGE_INVALID for a stage without a domain
 */
export class IdentityStack extends Stack {
  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: where people and customers sign in', terminationProtection: stage.retains });
    const { domain } = stage;
    if (domain === undefined)
      throw stageError('domain', 'passkeys need a name of their own', 'give the stage a domain, or leave identity out');
    const pool = new CfnUserPool(this, 'pool', poolOf(stage, domain));
    pool.applyRemovalPolicy(removalOf(stage));
    new IdentityWall(this, 'wall', { stage, poolArn: pool.attrArn });
    for (const role of PERSON_ROLES)
      new CfnUserPoolGroup(this, `group-${role}`, { userPoolId: pool.ref, groupName: role, description: `People who are ${role}` });
    const host = new CfnUserPoolDomain(this, 'domain', {
      userPoolId: pool.ref,
      domain: signInHost(domain),
      customDomainConfig: { certificateArn: told(this, stage, 'identity/certificate-us-east-1') },
      managedLoginVersion: 2,
    });
    for (const application of APPLICATIONS) this.#client(stage, application, pool, doorAddress(domain, DOOR_OF[application]), host);
    tell(this, stage, TOLD.identity.issuer, pool.attrProviderUrl);
    tell(this, stage, 'identity/sign-in-target', host.attrCloudFrontDistribution);
    acknowledgeAll(this, IDENTITY_ACKNOWLEDGED);
  }

  /** Without a secret, for a browser can't keep one: the code is bound by PKCE, and goes to the door's own address alone. */
  #client(stage: Stage, application: Application, pool: CfnUserPool, address: string, host: CfnUserPoolDomain): void {
    const client = new CfnUserPoolClient(this, `client-${application}`, {
      userPoolId: pool.ref,
      clientName: physicalName(stage, application),
      generateSecret: false,
      allowedOAuthFlowsUserPoolClient: true,
      allowedOAuthFlows: ['code'],
      allowedOAuthScopes: ['openid'],
      callbackUrLs: [`${address}/`],
      defaultRedirectUri: `${address}/`,
      logoutUrLs: [`${address}/`],
      supportedIdentityProviders: ['COGNITO'],
      // Choice of the first factor; no password goes through anybody but the sign-in page, and nothing is refreshed.
      explicitAuthFlows: ['ALLOW_USER_AUTH'],
      preventUserExistenceErrors: 'ENABLED',
      enableTokenRevocation: true,
      authSessionValidity: 3,
      accessTokenValidity: TOKEN_MINUTES,
      idTokenValidity: TOKEN_MINUTES,
      refreshTokenValidity: 60,
      tokenValidityUnits: { accessToken: 'minutes', idToken: 'minutes', refreshToken: 'minutes' },
      // What is not listed a client can't write: an empty list would mean everything standard.
      readAttributes: application === 'portal' ? [`custom:${ACCOUNT}`] : ['locale'],
      writeAttributes: ['locale'],
    });
    client.applyRemovalPolicy(removalOf(stage));
    const look = new CfnManagedLoginBranding(this, `look-${application}`, {
      userPoolId: pool.ref,
      clientId: client.ref,
      useCognitoProvidedValues: true,
    });
    look.addResourceDependency(host);
    tell(this, stage, TOLD.identity[application], client.ref);
  }
}

/** @see ADR 63 for what each of these stands against */
function poolOf(stage: Stage, domain: string): CfnUserPoolProps {
  return {
    userPoolName: physicalName(stage, 'people'),
    userPoolTier: 'ESSENTIALS',
    deletionProtection: stage.retains ? 'ACTIVE' : 'INACTIVE',
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    usernameConfiguration: { caseSensitive: false },
    schema: [
      {
        name: ACCOUNT,
        attributeDataType: 'String',
        mutable: false,
        required: false,
        stringAttributeConstraints: { minLength: '1', maxLength: '64' },
      },
    ],
    policies: {
      signInPolicy: { allowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] },
      passwordPolicy: {
        minimumLength: 16,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: true,
        temporaryPasswordValidityDays: 3,
      },
    },
    webAuthnRelyingPartyId: signInHost(domain),
    webAuthnUserVerification: 'required',
    webAuthnFactorConfiguration: 'MULTI_FACTOR_WITH_USER_VERIFICATION',
    // A passkey that verified the person is both factors; whoever lost it has a password and a one-time code.
    mfaConfiguration: 'ON',
    enabledMfas: ['SOFTWARE_TOKEN_MFA'],
    // A mailbox opens no account: who lost everything comes to the utility.
    accountRecoverySetting: { recoveryMechanisms: [{ name: 'admin_only', priority: 1 }] },
  };
}
