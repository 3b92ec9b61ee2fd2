import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { localClient } from './tables.ts';

/** A client as a process that ends has it: the request number `left` is the first that never leaves, or, if told so, the last whose answer is never heard. */
export function dyingClient(
  endpoint: string,
  left: number,
  unheard: boolean,
): { readonly client: DynamoDBClient; readonly died: () => boolean } {
  const client = localClient(endpoint);
  let requests = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      requests++;
      if (requests > left || (requests === left && !unheard)) throw new Error('this process is gone');
      const answer = await next(args);
      if (requests >= left) throw new Error('this process is gone');
      return answer;
    },
    { step: 'initialize', name: 'dying' },
  );
  return { client, died: () => requests >= left };
}

/** As often as the SDK sends a request of a deaf client. */
export const SDK_ATTEMPTS = 2;

/** A client that loses the answers to the first so many puts; the SDK sends those again by itself, or gives up after so many attempts. */
export function deafClient(endpoint: string, answers: number): DynamoDBClient {
  let lost = 0;
  return losingClient(endpoint, () => lost++ < answers);
}

/** A client that loses the answer to a put whenever it is told to. */
export function losingClient(endpoint: string, loses: () => boolean): DynamoDBClient {
  const client = localClient(endpoint, SDK_ATTEMPTS);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'PutItemCommand' || !loses()) return await next(args);
      // Refusals are answers, too.
      await next(args).catch(() => undefined);
      throw Object.assign(new Error('no answer'), { name: 'TimeoutError', $retryable: {} });
    },
    { step: 'deserialize', name: 'deaf', priority: 'high' },
  );
  return client;
}
