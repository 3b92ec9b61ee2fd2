import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

const client = new DynamoDBClient({});

/** Writes down what each message says, under its message id, with the Node that ran. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  for (const { messageId, body } of event.Records) {
    const Item = { pk: { S: messageId }, body: { S: body }, node: { S: process.version } };
    await client.send(new PutItemCommand({ TableName: process.env['TABLE'], Item }));
  }
  return { batchItemFailures: [] };
}
