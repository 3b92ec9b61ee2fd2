import { describe, expect, it } from 'vitest';
import { IdentityStack, identityLeftOut } from '../../lib/stacks/identity.ts';
import { PERSON_ROLES } from '../../topology/route.ts';
import { DEV, ENV, PROD, Synthesized, withApp } from './synthesized.ts';

const identity = new Synthesized((app) => new IdentityStack(app, 'identity', { stage: PROD, env: ENV }));
const only = (type: string) => {
  const all = identity.of(type);
  expect(all).toHaveLength(1);
  return all[0]!;
};
const pool = only('AWS::Cognito::UserPool');
const clients = identity.of('AWS::Cognito::UserPoolClient').map(({ Properties }) => Properties);

describe('who people and customers are', () => {
  it('C10.2-1: nobody signs up: the utility makes users, and gives back what was lost', () => {
    expect(pool.Properties).toMatchObject({
      UserPoolTier: 'ESSENTIALS',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
    });
  });

  it('T8.3-2: a web ACL stands before the pool, with a rate for each address', () => {
    const acl = only('AWS::WAFv2::WebACL');
    expect(acl.Properties['Rules']).toEqual([
      expect.objectContaining({
        Name: 'rate-per-address',
        Action: { Block: {} },
        Statement: { RateBasedStatement: { Limit: 300, EvaluationWindowSec: 300, AggregateKeyType: 'IP' } },
      }),
    ]);
    const association = JSON.stringify(only('AWS::WAFv2::WebACLAssociation').Properties['ResourceArn']);
    expect(association).toContain('"pool"');
    expect(association).toContain('"Arn"');
  });

  it('C10.2-1: a passkey verifies the person at the name people sign in at, and whoever has none needs two factors', () => {
    expect(pool.Properties).toMatchObject({
      WebAuthnRelyingPartyID: 'sign-in.example.org',
      WebAuthnUserVerification: 'required',
      WebAuthnFactorConfiguration: 'MULTI_FACTOR_WITH_USER_VERIFICATION',
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] }, PasswordPolicy: { MinimumLength: 16 } },
    });
    expect(only('AWS::Cognito::UserPoolDomain').Properties).toMatchObject({ Domain: 'sign-in.example.org', ManagedLoginVersion: 2 });
    expect(identity.of('AWS::Cognito::ManagedLoginBranding')).toHaveLength(2);
  });

  it('C10.2-1: whose account somebody has is said once, by the utility, and no client can write it', () => {
    expect(pool.Properties['Schema']).toEqual([
      expect.objectContaining({ Name: 'account', AttributeDataType: 'String', Mutable: false, Required: false }),
    ]);
    for (const client of clients) expect(client['WriteAttributes']).toEqual(['locale']);
  });

  it('C10.2-1: each application has a client without a secret: a code for its own door, tokens of ten minutes, nothing refreshed', () => {
    expect(clients.map(({ ClientName, CallbackURLs, LogoutURLs }) => [ClientName, CallbackURLs, LogoutURLs])).toEqual([
      ['joulekeep-prod-portal', ['https://my.example.org/'], ['https://my.example.org/']],
      ['joulekeep-prod-console', ['https://console.example.org/'], ['https://console.example.org/']],
    ]);
    for (const client of clients)
      expect(client).toMatchObject({
        GenerateSecret: false,
        AllowedOAuthFlows: ['code'],
        AllowedOAuthScopes: ['openid'],
        ExplicitAuthFlows: ['ALLOW_USER_AUTH'],
        PreventUserExistenceErrors: 'ENABLED',
        EnableTokenRevocation: true,
        IdTokenValidity: 10,
        AccessTokenValidity: 10,
        TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
        SupportedIdentityProviders: ['COGNITO'],
      });
  });

  it('has a group for each role of people, and no role of the account behind one', () => {
    const groups = identity.of('AWS::Cognito::UserPoolGroup').map(({ Properties }) => Properties);
    expect(groups.map(({ GroupName }) => GroupName)).toEqual([...PERSON_ROLES]);
    expect(groups.filter(({ RoleArn }) => RoleArn !== undefined)).toEqual([]);
  });

  it('outlives its stack in prod, and refuses deletion', () => {
    expect([pool.DeletionPolicy, pool.Properties['DeletionProtection']]).toEqual(['Retain', 'ACTIVE']);
    const kept = identity.of('AWS::Cognito::UserPoolClient').map(({ DeletionPolicy }) => DeletionPolicy);
    expect(kept).toEqual(['Retain', 'Retain']);
    const dev = new Synthesized((app) => new IdentityStack(app, 'identity', { stage: DEV, env: ENV }));
    const [own] = dev.of('AWS::Cognito::UserPool');
    expect([own!.DeletionPolicy, own!.Properties['DeletionProtection']]).toEqual(['Delete', 'INACTIVE']);
  });

  it('tells functions what they judge sign-ins by', () => {
    const told = identity.of('AWS::SSM::Parameter').map(({ Properties }) => Properties['Name']);
    expect(told.sort()).toEqual(
      ['console-client', 'issuer', 'portal-client', 'sign-in-target'].map((what) => `/joulekeep/prod/identity/${what}`),
    );
  });

  it('is left out of a stage without a domain, and says so', () => {
    const { domain: _, ...nameless } = DEV;
    expect(identityLeftOut(DEV)).toBeUndefined();
    expect(identityLeftOut(nameless)).toMatch(/no domain/);
    expect(() => withApp((app) => new IdentityStack(app, 'identity', { stage: nameless, env: ENV }))).toThrow(
      expect.objectContaining({ code: 'ERR_STAGE_INVALID' }),
    );
  });

  it('has no finding of cdk-nag that is not acknowledged', () => {
    expect(identity.findings).toEqual([]);
  });
});
