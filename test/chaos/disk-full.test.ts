import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileLog } from '../../platform/embedded/platform-log.ts';
import { GroupCommit } from '../../platform/embedded/sqlite/group-commit.ts';
import { openDatabase } from '../../platform/embedded/sqlite/open.ts';

const clock = { now: () => Date.UTC(2026, 0, 15) };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulekeep-full-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a disk that is full', () => {
  it('ends nobody who has something to tell: the lines are counted, and told of when there is room', () => {
    const path = join(folder, 'log.jsonl');
    let full = true;
    const log = new FileLog(path, clock, (file, line) => {
      if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      writeSync(file, line);
    });
    for (let i = 0; i < 3; i++) log.error('queue worker failed');
    full = false;
    log.info('there is room');
    log.info('and more');
    log.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'lines of the log are lost',
      'there is room',
      'and more',
    ]);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', count: 3 });
  });

  it('refuses what can’t be stored, as something to try again, keeps what was stored, and takes more when there is room', async () => {
    const schema = 'CREATE TABLE IF NOT EXISTS facts (fact TEXT NOT NULL) STRICT;';
    const database = openDatabase(join(folder, 'facts.db'), { pageSize: 4096, synchronous: 'FULL', checkpointBytes: 1 << 20, schema });
    const group = new GroupCommit(database);
    const insert = database.prepare('INSERT INTO facts VALUES (?)');
    await group.add(() => insert.run('first'));
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    database.exec(`PRAGMA max_page_count = ${pages}`);
    await expect(group.add(() => insert.run('x'.repeat(100_000)))).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      retryable: true,
    });
    database.exec('PRAGMA max_page_count = 1000000');
    await group.add(() => insert.run('last'));
    expect(database.prepare('SELECT fact FROM facts').all()).toEqual([{ fact: 'first' }, { fact: 'last' }]);
    group.close();
    database.close();
  });
});
