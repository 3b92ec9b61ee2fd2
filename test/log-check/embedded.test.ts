import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createEmbeddedPlatform } from '../../platform/embedded/platform.ts';
import { parseEnvelope } from '../../platform/store/envelope.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { ManualClock } from '../support/memory-platform.ts';
import { checkBattery } from './battery.ts';
import type { Row, Tampered } from './checked-store.ts';

checkBattery('in one process', async (): Promise<Tampered> => {
  const stateDir = temporaryDirectory();
  const clock = new ManualClock(Date.UTC(2026, 0, 15, 10));
  const platform = await createEmbeddedPlatform({ stateDir, clock, defences: defencesUnderTest(), timer: false });
  const database = new DatabaseSync(join(stateDir, 'events.db'));
  const all = database.prepare("SELECT * FROM commits WHERE stream LIKE ? || '%' ORDER BY stream, version");
  const drop = database.prepare('DELETE FROM commits WHERE stream = ? AND version = ?');
  const add = database.prepare(
    'INSERT INTO commits (stream, version, count, commit_id, hash, envelope, tag, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return {
    as: (principal) => platform.as(principal),
    pass: (ms) => clock.advance(ms),
    rows: async (prefix) => all.all(prefix).map(rowOf),
    put: async ({ stream, version, hash, envelope, tag, body }) => {
      const { count, commitId } = readable(envelope);
      drop.run(stream, version);
      add.run(stream, version, count, commitId, hash, envelope, tag, body);
    },
    remove: async (stream, version) => void drop.run(stream, version),
    forgeAnchor: async ({ stream, version, hash }) => {
      const { lastInsertRowid } = database
        .prepare('INSERT INTO trims (object, finished, payload, signature) SELECT object, 1, payload, signature FROM trims LIMIT 1')
        .run();
      database.prepare('INSERT INTO anchors VALUES (?, ?, ?, ?)').run(stream, version, hash, lastInsertRowid);
    },
    close: async () => {
      database.close();
      await platform.close();
      discard(stateDir);
    },
  };
});

function rowOf({ stream, version, hash, envelope, tag, body }: Record<string, unknown>): Row {
  const bytes = (value: unknown) => Buffer.from(value as Uint8Array);
  return {
    stream: String(stream),
    version: Number(version),
    hash: bytes(hash),
    envelope: bytes(envelope),
    tag: bytes(tag),
    body: bytes(body),
  };
}

/** Columns beside an envelope that is none are made up. */
function readable(envelope: Buffer): { readonly count: number; readonly commitId: Buffer } {
  try {
    return parseEnvelope(envelope);
  } catch {
    return { count: 1, commitId: Buffer.alloc(32) };
  }
}
