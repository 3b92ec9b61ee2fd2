import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putBack } from '../../platform/embedded/backup.ts';
import { discard, temporaryDirectory } from '../contract/support/state.ts';

const LABEL = JSON.stringify({ version: 1, state: 's', takenAt: 1, lastPlace: 2, objects: 3 });

let place: string;
beforeEach(() => {
  place = temporaryDirectory();
  mkdirSync(join(place, 'kept'));
  writeFileSync(join(place, 'kept', 'events.db'), '');
});
afterEach(() => discard(place));

const restored = async (label: string) => {
  writeFileSync(join(place, 'kept', 'backup.json'), label);
  return await putBack(join(place, 'kept'), join(place, 'state'), 0).catch((error: { code?: string }) => error.code ?? String(error));
};

it('a backup whose label is torn, or says something else, is none', async () => {
  for (const label of ['', LABEL.slice(0, 20), 'null', '[]', '{"version":1}', LABEL.replace('"version":1', '"version":2')])
    expect(await restored(label), label).toBe('ERR_BACKUP_UNKNOWN');
});

it('one with a whole label is looked at further', async () => {
  expect(await restored(LABEL)).toBe('ERR_STATE_MISSING');
});
