import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Times after which somebody who doesn't answer is asked again, milliseconds. */
const PATIENCE = { connectionTimeout: 2_000, requestTimeout: 10_000 } as const;

/** One client of each service, with connections that are kept. */
export interface AwsClients {
  readonly dynamo: DynamoDBClient;
  readonly kms: KMSClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly bus: EventBridgeClient;
  readonly iot: IoTClient;
  readonly iotData: IoTDataPlaneClient;
}

/** As whom; absent = the credentials at hand. */
export type AwsCredentials = NonNullable<DynamoDBClientConfig['credentials']>;

/** Each is made when it is first used: a function pays for those it needs. @param endpoint of an emulator; absent = AWS */
export function awsClients(endpoint?: string, credentials?: AwsCredentials): AwsClients {
  const at = { ...(endpoint === undefined ? {} : { endpoint }), ...(credentials === undefined ? {} : { credentials }) };
  const common = { requestHandler: PATIENCE, ...at };
  return {
    dynamo: lazily(() => new DynamoDBClient(common)),
    kms: lazily(() => new KMSClient(common)),
    sqs: lazily(() => new SQSClient(common)),
    s3: lazily(() => new S3Client({ ...common, forcePathStyle: endpoint !== undefined })),
    bus: lazily(() => new EventBridgeClient(common)),
    iot: lazily(() => new IoTClient(common)),
    iotData: lazily(() => new IoTDataPlaneClient(common)),
  };
}

/** Adapters use one method of a client. */
function lazily<Client extends { send(...given: never[]): unknown }>(make: () => Client): Client {
  let made: Client | undefined;
  const send = (...given: never[]): unknown => {
    made ??= make();
    return made.send(...given);
  };
  return { send } as unknown as Client;
}
