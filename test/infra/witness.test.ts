import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { WitnessStack } from '../../lib/stacks/witness.ts';
import { readWitness, type WitnessStage } from '../../lib/witness-stage.ts';
import { GRANTS } from '../../topology/grants.ts';
import { PRINCIPALS } from '../../topology/principals.ts';
import { allows, type Request, type Statement, statementsOf } from './access.ts';
import { synthesize } from './app.ts';
import { resolved, roleArn } from './resolved.ts';
import { Synthesized } from './synthesized.ts';

const BUCKET = 'joulekeep-witness-example';
const SETTINGS = { stage: 'prod', region: 'eu-central-1', service: '111122223333', account: '210987654321', bucket: BUCKET };
const settings = (changed: object = {}) => {
  const all: Readonly<Record<string, unknown>> = { ...SETTINGS, ...changed };
  return readWitness((key) => all[key]);
};
const envOf = ({ account, region }: WitnessStage) => ({ account, region });
const make = (stage: WitnessStage) => new Synthesized((app) => new WitnessStack(app, 'witness', { stage, env: envOf(stage) }));
const prod = make(settings());
const [bucket] = prod.of('AWS::S3::Bucket').filter(({ Properties }) => Properties['BucketName'] === BUCKET);

/** The bucket's policy, with what only CloudFormation knows filled in. */
function policy(): readonly Statement[] {
  const [id] = [...prod.resources].find(([, resource]) => resource === bucket)!;
  const found = prod.of('AWS::S3::BucketPolicy').find(({ Properties }) => JSON.stringify(Properties['Bucket']).includes(id))!;
  const text = JSON.stringify(found.Properties['PolicyDocument'])
    .replaceAll(JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] }), JSON.stringify(`arn:aws:s3:::${BUCKET}`))
    .replaceAll(JSON.stringify({ Ref: 'AWS::Partition' }), JSON.stringify('aws'));
  return statementsOf(
    JSON.parse(text, (_, value: unknown) => {
      const join = (value as { readonly 'Fn::Join'?: readonly [string, readonly string[]] } | null)?.['Fn::Join'];
      return join === undefined ? value : join[1].join(join[0]);
    }),
  );
}

const ONCE = { 's3:if-none-match': ['*'], 'aws:SecureTransport': ['true'], 's3:TlsVersion': ['1.3'] };
const object = `arn:aws:s3:::${BUCKET}/witness/checkpoint/0000000000000005`;
const asked = (action: string, by: string, context: Request['context'] = ONCE, resource = object): Request => ({
  action,
  resource,
  context: { ...context, 'aws:PrincipalArn': [by] },
});
const LOG = roleArn('joulekeep-prod-log');
/** Whoever may do everything on their own side: what is left is what the bucket says. */
const ALL: readonly Statement[] = [{ Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} }];
/** From another account both sides have to allow it. */
const mayFromOutside = (request: Request) =>
  allows(ALL, policy(), request) &&
  allows(
    policy().filter(({ Effect }) => Effect === 'Allow'),
    [],
    request,
  );

describe('the witness of another account', () => {
  it('C10.1-7: keeps every version of every object for ten years, whoever wants it gone', () => {
    expect(bucket!.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 3_653 } } },
    });
    expect(bucket!.DeletionPolicy).toBe('Retain');
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention', 's3:PutObjectRetention'])
      for (const by of [LOG, 'arn:aws:iam::210987654321:role/admin']) expect(allows(ALL, policy(), asked(action, by))).toBe(false);
    for (const action of ['s3:PutBucketObjectLockConfiguration', 's3:PutLifecycleConfiguration', 's3:PutBucketVersioning'])
      expect(allows(ALL, policy(), asked(action, LOG, ONCE, `arn:aws:s3:::${BUCKET}`))).toBe(false);
  });

  it('C10.1-7: takes from the log of the service, and from nobody else there', () => {
    for (const action of ['s3:PutObject', 's3:GetObject']) {
      expect(mayFromOutside(asked(action, LOG))).toBe(true);
      for (const name of PRINCIPALS.filter((principal) => principal !== 'log'))
        expect([name, mayFromOutside(asked(action, roleArn(`joulekeep-prod-${name}`)))]).toEqual([name, false]);
      expect(mayFromOutside(asked(action, roleArn('joulekeep-dev-log')))).toBe(false);
      expect(mayFromOutside(asked(action, LOG, ONCE, `arn:aws:s3:::${BUCKET}/else`))).toBe(false);
    }
    expect(mayFromOutside(asked('s3:ListBucket', LOG, ONCE, `arn:aws:s3:::${BUCKET}`))).toBe(true);
  });

  it('C10.1-7: lets nothing be put over what is there: a put says that nothing may be', () => {
    const { 's3:if-none-match': _, ...plain } = ONCE;
    expect(mayFromOutside(asked('s3:PutObject', LOG, plain))).toBe(false);
    expect(allows(ALL, policy(), asked('s3:PutObject', 'arn:aws:iam::210987654321:role/admin', plain))).toBe(false);
  });

  it('is what the role of the log of a stage with that setting may use', () => {
    expect(PRINCIPALS.filter((principal) => GRANTS[principal].witnesses)).toEqual(['log']);
    const service = resolved(
      synthesize({ stacks: 'keys,data,gateway,audiences,replay,services', archive: { account: SETTINGS.account, bucket: BUCKET } }),
    );
    const role = service.find(({ Type, Properties }) => Type === 'AWS::IAM::Role' && Properties['RoleName'] === 'joulekeep-dev-log')!;
    const [{ PolicyDocument }] = role.Properties['Policies'] as [{ readonly PolicyDocument: unknown }];
    const own = statementsOf(PolicyDocument);
    for (const action of ['s3:PutObject', 's3:GetObject']) expect(allows(own, [], asked(action, LOG))).toBe(true);
    expect(allows(own, [], asked('s3:DeleteObject', LOG))).toBe(false);
  });

  it('is shut to the world and without TLS, and says who came', () => {
    expect(bucket!.Properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket!.Properties['LoggingConfiguration']).toMatchObject({ LogFilePrefix: 'witness/' });
    expect(mayFromOutside(asked('s3:GetObject', LOG, { ...ONCE, 'aws:SecureTransport': ['false'] }))).toBe(false);
  });

  it('of a stage for trials is locked for a day', () => {
    const dev = make(settings({ stage: 'dev' }));
    const [trial] = dev.of('AWS::S3::Bucket').filter(({ Properties }) => Properties['BucketName'] === BUCKET);
    expect(trial!.Properties['ObjectLockConfiguration']).toMatchObject({ Rule: { DefaultRetention: { Days: 1 } } });
  });

  it('has no finding of cdk-nag', () => {
    expect(prod.findings).toEqual([]);
    const planted = new Synthesized((app) => {
      const stack = new WitnessStack(app, 'witness', { stage: settings(), env: envOf(settings()) });
      new Bucket(stack, 'Planted');
      return stack;
    });
    expect(planted.findings).toContain('witness/Planted/Resource AwsSolutions-S1');
  });
});

describe('settings of a witness', () => {
  it.each([
    ['service', undefined],
    ['account', '12'],
    ['account', SETTINGS.service],
    ['bucket', 'No Bucket'],
    ['region', 'here'],
    ['stage', 'test'],
    ['lockedDays', '0'],
  ])('are refused with what to do: %s %s', (name, value) => {
    expect(() => settings({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_STAGE_INVALID', message: expect.stringContaining(`witness: ${name}: `) }),
    );
  });

  it('may lock for longer', () => {
    expect(settings({ lockedDays: '7300' }).lockedDays).toBe(7_300);
  });
});
