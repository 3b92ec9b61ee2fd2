import { eventSchema, type PublishedType, publishedTypes } from '../events/catalogue/event-schema.ts';
import { yamlOf } from './yaml.ts';

/** The whole of docs/asyncapi.yaml. @source AsyncAPI 3.0.0 */
export function asyncApiPage(): string {
  const types = publishedTypes();
  const queues = [...Map.groupBy(types, ({ entry }) => entry.queue)];
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Joulekeep integration events',
      version: '1',
      description: 'Made from events/catalogue/ by `npm run events`. Delivery is at least once; `id` names the fact.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(queues.map(([queue, of]) => [queue, channelOf(queue, of)])),
    operations: Object.fromEntries(
      queues.map(([queue, of]) => [
        `tell-${queue}`,
        { action: 'send', channel: { $ref: `#/channels/${queue}` }, summary: `What ${of[0]!.entry.audience} is told by queue ${queue}.` },
      ]),
    ),
    components: { messages: Object.fromEntries(types.map((one) => [one.type, messageOf(one)])) },
  };
  return yamlOf(document).join('\n').trimStart().concat('\n');
}

function channelOf(queue: string, types: readonly PublishedType[]): object {
  const messages = types.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }]);
  return { address: queue, messages: Object.fromEntries(messages) };
}

function messageOf({ type, data, entry }: PublishedType): object {
  return { name: type, summary: entry.says, contentType: 'application/cloudevents+json', payload: eventSchema(type, entry.ordered, data) };
}
