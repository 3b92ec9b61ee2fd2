import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { TABLES } from '../../topology/tables.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';
import { resolved } from './resolved.ts';

const prod = synthesize({ stacks: 'keys,data', stage: 'prod', operatorLink: OPERATOR_LINK });
const all = resolved(prod);
const TABLE = 'AWS::DynamoDB::GlobalTable';
const keyNamed = (domain: string) => {
  const alias = `alias/joulekeep-prod-storage-${domain}`;
  return all.find(({ Type, Properties }) => Type === 'AWS::KMS::Alias' && Properties['AliasName'] === alias)!.Properties['TargetKeyId'];
};

describe('tables', () => {
  it.each(TABLES.map((table) => [table.name, table] as const))(
    'C10.1-7: %s is encrypted under its domain’s key and cannot be deleted',
    (name) => {
      const domain = { events: 'register', keys: 'secrets', models: 'models', directory: 'models' }[name];
      const table = all.find(({ Type, Properties }) => Type === TABLE && Properties['TableName'] === `joulekeep-prod-${name}`)!;
      expect(table.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [{ DeletionProtectionEnabled: true, SSESpecification: { KMSMasterKeyId: keyNamed(domain) } }],
      });
    },
  );

  it('the event table is backed up at any moment, feeds its followers and lets go what has a time', () => {
    prod.template('data').hasResourceProperties(TABLE, {
      TableName: 'joulekeep-prod-events',
      AttributeDefinitions: Match.arrayWith([
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ]),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [{ IndexName: 'names', Projection: { ProjectionType: 'KEYS_ONLY' } }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
    });
  });

  it('C10.1-6: of destroyed keys nothing is left: their table has no backups and no stream; what ends by its clock are rows of tokens', () => {
    const table = all.find(({ Type, Properties }) => Type === TABLE && Properties['TableName'] === 'joulekeep-prod-keys')!;
    expect(table.Properties['StreamSpecification']).toBeUndefined();
    // Rows that protect data carry no such attribute: test/aws/dynamo/table.test.ts.
    expect(table.Properties['TimeToLiveSpecification']).toEqual({ AttributeName: 'expiresAt', Enabled: true });
    expect(table.Properties['Replicas']).toMatchObject([{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } }]);
  });

  it('each table has what topology says', () => {
    for (const { name, sort, expires, changes, pointInTimeRecovery } of TABLES) {
      const { Properties } = all.find(({ Type, Properties }) => Type === TABLE && Properties['TableName'] === `joulekeep-prod-${name}`)!;
      expect(Properties['AttributeDefinitions']).toContainEqual({ AttributeName: 'sk', AttributeType: sort === 'number' ? 'N' : 'S' });
      expect(Properties['TimeToLiveSpecification'] !== undefined).toBe(expires);
      expect(Properties['StreamSpecification'] !== undefined).toBe(changes !== 'none');
      expect(Properties['Replicas']).toMatchObject([
        { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: pointInTimeRecovery } },
      ]);
    }
    expect(all.filter(({ Type }) => Type === TABLE)).toHaveLength(TABLES.length);
  });
});

describe('buckets', () => {
  const buckets = all.filter(({ Type, stack }) => Type === 'AWS::S3::Bucket' && stack === 'data');

  it('R9.1-3: none is public, and none is reached without TLS 1.2', () => {
    expect(buckets).toHaveLength(4);
    for (const { Properties } of buckets) {
      expect(Properties['PublicAccessBlockConfiguration']).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties['OwnershipControls']).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
      const policy = all.find(
        ({ Type, Properties: own }) => Type === 'AWS::S3::BucketPolicy' && own['Bucket'] === Properties['BucketName'],
      )!;
      const { Statement } = policy.Properties['PolicyDocument'] as { readonly Statement: readonly object[] };
      expect(Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
      expect(Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Action: 's3:*', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
      );
    }
  });

  it('C10.1-7: objects are encrypted under their key, kept in versions and locked for as long as backups last', () => {
    const { Properties } = buckets.find(({ Properties }) => String(Properties['BucketName']).includes('-objects-'))!;
    expect(Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { KMSMasterKeyID: keyNamed('objects'), SSEAlgorithm: 'aws:kms' } },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 35, Mode: 'COMPLIANCE' } } },
      LifecycleConfiguration: {
        Rules: expect.arrayContaining([expect.objectContaining({ NoncurrentVersionExpiration: { NoncurrentDays: 35 } })]),
      },
      LoggingConfiguration: { LogFilePrefix: 'objects/' },
    });
  });

  it('C10.1-1: the key service’s own record is a trail with digests, in a bucket that only the trail writes to, locked as long as it is kept', () => {
    const trail = all.find(({ Type }) => Type === 'AWS::CloudTrail::Trail')!.Properties;
    const { Properties } = buckets.find(({ Properties }) => String(Properties['BucketName']).includes('-key-record-'))!;
    expect(trail).toMatchObject({ EnableLogFileValidation: true, IsLogging: true, S3BucketName: Properties['BucketName'] });
    expect(trail['EventSelectors']).toEqual([{ IncludeManagementEvents: true, ReadWriteType: 'All' }]);
    expect(Properties['ObjectLockConfiguration']).toMatchObject({ Rule: { DefaultRetention: { Days: 400, Mode: 'COMPLIANCE' } } });
    const policy = all.find(({ Type, Properties: own }) => Type === 'AWS::S3::BucketPolicy' && own['Bucket'] === Properties['BucketName'])!;
    const { Statement } = policy.Properties['PolicyDocument'] as { readonly Statement: readonly { Effect: string; Principal: unknown }[] };
    const allowed = Statement.filter(({ Effect }) => Effect === 'Allow').map(({ Principal }) => JSON.stringify(Principal));
    expect(new Set(allowed)).toEqual(new Set(['{"Service":"cloudtrail.amazonaws.com"}']));
  });

  it('R9.1-3: what could not be delivered lies under the key of telemetry and goes after two weeks', () => {
    const { Properties } = buckets.find(({ Properties }) => String(Properties['BucketName']).includes('-undelivered-'))!;
    expect(Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { KMSMasterKeyID: keyNamed('telemetry') } }],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 14, Status: 'Enabled' }] },
    });
  });
});
