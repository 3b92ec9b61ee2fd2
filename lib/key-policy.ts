import type { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { GRANTS as PRINCIPAL_GRANTS } from '../topology/grants.ts';
import { type KmsKey, type KmsOperation, OPERATIONS_OF } from '../topology/keys.ts';
import { PRINCIPALS, permits } from '../topology/principals.ts';
import { CLOCKED_KEYS, roleArn } from './names.ts';
import type { Stage } from './stage.ts';

/** What an operation of the key service is called there. */
export const KMS_ACTIONS: Readonly<Record<KmsOperation, string>> = {
  generateDataKey: 'kms:GenerateDataKey',
  encrypt: 'kms:Encrypt',
  decrypt: 'kms:Decrypt',
  deriveSharedSecret: 'kms:DeriveSharedSecret',
  sign: 'kms:Sign',
  generateMac: 'kms:GenerateMac',
  getPublicKey: 'kms:GetPublicKey',
};

/** Other actions by which one could do the same. Public halves are public. */
const ALIKE: Readonly<Record<KmsOperation, readonly string[]>> = {
  generateDataKey: ['kms:GenerateDataKeyWithoutPlaintext', 'kms:GenerateDataKeyPair', 'kms:GenerateDataKeyPairWithoutPlaintext'],
  encrypt: ['kms:ReEncryptTo'],
  decrypt: ['kms:ReEncryptFrom'],
  deriveSharedSecret: [],
  sign: [],
  generateMac: ['kms:VerifyMac'],
  getPublicKey: [],
};

/** A grant is a permission that no role's policy shows. */
const GRANTS = ['kms:CreateGrant', 'kms:RetireGrant'];

/**
 * Trusts the account to administer, its roles to have their grants on their side, and denies everybody but the principals of
 * topology/keys.ts each use of the key, whatever else allows it. Principals are named by their role's ARN, which need not exist yet.
 * @source X.1332 9.1: end-to-end confidentiality; 10.1
 */
export function keyPolicy(stack: Stack, stage: Stage, key: KmsKey): PolicyDocument {
  const administers = new PolicyStatement({
    sid: 'AccountAdministers',
    principals: [new AccountRootPrincipal()],
    actions: ['kms:*'],
    resources: ['*'],
  });
  const denials = [...usersOf(key)].map(
    ([names, operations], index) =>
      new PolicyStatement({
        sid: `OnlyNamed${index}`,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: operations.flatMap((operation) => [KMS_ACTIONS[operation], ...ALIKE[operation]]),
        resources: ['*'],
        ...(names === '' ? {} : { conditions: { ArnNotEquals: { 'aws:PrincipalArn': arnsOf(stack, stage, names) } } }),
      }),
  );
  const noGrants = new PolicyStatement({
    sid: 'NoGrants',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: GRANTS,
    resources: ['*'],
  });
  return new PolicyDocument({ minimize: false, statements: [administers, ...denials, noGrants, ...clockDenials(stack, stage, key)] });
}

/** Ends of a key, and the tag by which one that may end is known. */
const ENDS = ['kms:DisableKey', 'kms:ScheduleKeyDeletion', 'kms:UntagResource'];

/**
 * Who makes successors ends those keys of authentication codes alone that it succeeds, whatever tag another key came to carry. Of those it succeeds the policy
 * is copied to one that is made with its tag, so that tags are denied on the others only.
 */
function clockDenials(stack: Stack, stage: Stage, key: KmsKey): readonly PolicyStatement[] {
  if (!CLOCKED_KEYS.includes(key)) return [untouchedByClock(stack, stage)];
  return key.usage === 'mac' ? [] : [keptFromClock(stack, stage, ENDS)];
}

/** Of a key that the clock does not succeed. */
export function untouchedByClock(stack: Stack, stage: Stage): PolicyStatement {
  return keptFromClock(stack, stage, [...ENDS, 'kms:TagResource']);
}

function keptFromClock(stack: Stack, stage: Stage, actions: readonly string[]): PolicyStatement {
  const clocks = PRINCIPALS.filter((principal) => PRINCIPAL_GRANTS[principal].rotates).map((principal) => roleArn(stack, stage, principal));
  return new PolicyStatement({
    sid: 'KeptFromClock',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: ['*'],
    conditions: { ArnEquals: { 'aws:PrincipalArn': clocks } },
  });
}

/** Operations by who may, names joined by a blank; those that nobody may are under ''. */
function usersOf({ usage, allow }: KmsKey): ReadonlyMap<string, readonly KmsOperation[]> {
  const secret = OPERATIONS_OF[usage].filter((operation) => operation !== 'getPublicKey');
  return Map.groupBy(secret, (operation) => PRINCIPALS.filter((name) => permits(allow, name, operation)).join(' '));
}

function arnsOf(stack: Stack, stage: Stage, names: string): string[] {
  const listed = new Set(names.split(' '));
  return PRINCIPALS.filter((name) => listed.has(name)).map((name) => roleArn(stack, stage, name));
}
