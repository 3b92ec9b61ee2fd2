import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { isGone, keyOf, storedCommit } from '../../../../platform/aws/dynamo/commit-row.ts';
import { bytes, type Row as Item, number, text } from '../../../../platform/aws/dynamo/row.ts';
import { parseEnvelope } from '../../../../platform/store/envelope.ts';
import type { Row, Tampered } from '../../../log-check/checked-store.ts';
import { AwsWorld } from './aws-world.ts';

export const TABLE = { TableName: 'joulekeep-dev-events' };

/** The table of events as somebody reaches it who has rights on it, and no key. */
export async function tamperedAws(): Promise<Tampered & { readonly world: AwsWorld }> {
  const world = await AwsWorld.at(Date.UTC(2026, 0, 15, 10));
  const items = (prefix: string) => world.rows('events', prefix).filter(({ pk }) => !pk!.S!.startsWith('~'));
  const put = async (Item: Item) => void (await world.dynamo.client.send(new PutItemCommand({ ...TABLE, Item })));
  return {
    world,
    as: (principal) => world.as(principal),
    pass: (ms) => world.clock.advance(ms),
    rows: async (prefix) => {
      const there = items(prefix).filter((item) => !isGone(item));
      const rows = there.map((item) => storedCommit(item) as Row);
      return rows.sort((a, b) => a.stream.localeCompare(b.stream) || a.version - b.version);
    },
    put: async ({ stream, version, hash, envelope, tag, body }) => {
      await put({
        ...keyOf(stream, version),
        ...besides(envelope),
        hash: bytes(hash),
        envelope: bytes(envelope),
        tag: bytes(tag),
        body: bytes(body),
      });
    },
    remove: async (stream, version) =>
      void (await world.dynamo.client.send(new DeleteItemCommand({ ...TABLE, Key: keyOf(stream, version) }))),
    forgeAnchor: async ({ stream, version, hash }) => {
      const [genuine] = world.rows('events', '~anchor/');
      await put({ ...genuine!, pk: text(`~anchor/${stream}`), version: number(version), hash: bytes(hash) });
    },
    close: async () => undefined,
  };
}

/** Of an envelope that is none they are made up. */
function besides(envelope: Buffer): Item {
  try {
    const { count, commitId, keyId } = parseEnvelope(envelope);
    return { count: number(count), commitId: bytes(commitId), keyId: text(keyId) };
  } catch {
    return { count: number(1), commitId: bytes(Buffer.alloc(32)), keyId: text('') };
  }
}
