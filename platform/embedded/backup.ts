import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { JoulekeepError } from '../../events/errors.ts';
import { FEEDS } from '../../topology/feeds.ts';
import { EventDatabase } from './event-database.ts';
import { FeedFile } from './host/feed-file.ts';
import { EmbeddedObjects } from './objects.ts';
import { StateLock } from './platform-lock.ts';
import { stateId } from './state-id.ts';

/** What a backup says of itself; written last, so that one that broke off is none. */
const LABEL = 'backup.json';
const VERSION = 1;
const Label = z.object({
  version: z.literal(VERSION),
  state: z.string(),
  takenAt: z.number(),
  lastPlace: z.number(),
  objects: z.number(),
});
/** Lies in a state while a restore is under way: nothing else may start on it. Names the backup, then the folder that each try laid aside. */
export const RESTORING = 'restoring';

export interface BackupLabel {
  /** Of the state it is of. */
  readonly state: string;
  /** UTC ms. */
  readonly takenAt: number;
  /** Place of its last commit. */
  readonly lastPlace: number;
  readonly objects: number;
}

export type CopyProgress = (done: number, total: number) => void;

/**
 * Copies commits and objects while the service may run. Keys are not in it: what is destroyed later can't come back with a backup, and whoever has
 * the backup alone reads nothing. Objects come after the commits that name them. Into an empty folder, outside of every state, and nothing is deleted there.
 * @throws ERR_STATE_MISSING, ERR_BACKUP_PLACE
 */
export async function backUp(stateDir: string, to: string, takenAt: number, onCopied: CopyProgress = () => {}): Promise<BackupLabel> {
  if (!existsSync(join(stateDir, 'events.db'))) throw new JoulekeepError('ERR_STATE_MISSING', `${stateDir} holds no recorded streams`);
  if (isWithin(stateDir, to) || isWithin(to, stateDir)) throw refusedPlace(to, 'lies with the state itself: give a folder elsewhere');
  if (existsSync(to) && !(await stat(to)).isDirectory()) throw refusedPlace(to, 'is no folder');
  if (existsSync(to) && (await readdir(to)).length > 0) throw refusedPlace(to, 'is not empty: give another folder, one for each backup');
  await mkdir(to, { recursive: true, mode: 0o700 });
  const running = new EventDatabase(join(stateDir, 'events.db'));
  await running.backup(join(to, 'events.db')).finally(() => running.close());
  const copy = new EventDatabase(join(to, 'events.db'));
  const lastPlace = copy.lastPlace();
  copy.close();
  if (lastPlace === 0) throw new JoulekeepError('ERR_STATE_MISSING', `${stateDir} holds no commit: this is no backup`);
  const objects = await copyMissing(join(stateDir, 'objects'), join(to, 'objects'), onCopied);
  const label = { state: stateId(stateDir), takenAt, lastPlace, objects };
  // Whole or not at all.
  await writeFile(join(to, `${LABEL}.part`), `${JSON.stringify({ version: VERSION, ...label })}\n`, { mode: 0o600, flush: true });
  await rename(join(to, `${LABEL}.part`), join(to, LABEL));
  return label;
}

/** Whether a path is a folder or lies in it. */
function isWithin(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || !(way.startsWith('..') || resolve(way) === way);
}

function refusedPlace(to: string, why: string): JoulekeepError {
  return new JoulekeepError('ERR_BACKUP_PLACE', `${to} ${why}`);
}

/**
 * Puts commits back as they were, with objects that are gone since, and lets feeds look again at what will come in the places that are free now. What was
 * there is laid aside, not deleted. Keys stay as they are. The read models are begun anew. Can be repeated.
 * Until `restored` is called nothing else starts on the state.
 * @returns the label, where the former files lie, and where tries that broke off laid theirs, the oldest first @throws ERR_BACKUP_UNKNOWN, ERR_BACKUP_OTHER, ERR_STATE_MISSING, ERR_STATE_LOCKED while a service runs
 */
export async function putBack(
  from: string,
  stateDir: string,
  now: number,
  onCopied: CopyProgress = () => {},
): Promise<BackupLabel & { readonly aside: string; readonly brokenOff: readonly string[] }> {
  const label = await readLabel(from);
  if (!existsSync(join(stateDir, 'keys.db'))) throw new JoulekeepError('ERR_STATE_MISSING', `${stateDir}: no state of a service there`);
  const lock = new StateLock(stateDir);
  try {
    if (label.state !== stateId(stateDir))
      throw new JoulekeepError('ERR_BACKUP_OTHER', `${from} is a backup of another state: its keys are not in ${stateDir}`);
    const brokenOff = await foldersOfTries(stateDir);
    const aside = join(stateDir, `replaced-${new Date(now).toISOString().replaceAll(':', '-')}`);
    const lines = [resolve(from), ...brokenOff, aside].map((line) => `${line}\n`);
    await writeFile(join(stateDir, RESTORING), lines.join(''), { mode: 0o600, flush: true });
    await mkdir(aside, { recursive: true, mode: 0o700 });
    for (const name of ['events.db', 'models.db'].flatMap((file) => [file, `${file}-wal`, `${file}-shm`])) {
      if (existsSync(join(stateDir, name))) await rename(join(stateDir, name), join(aside, name));
    }
    await copyMissing(join(from, 'objects'), join(stateDir, 'objects'), onCopied);
    await copyFile(join(from, 'events.db'), join(stateDir, 'events.db'), constants.COPYFILE_FICLONE);
    const feeds = new FeedFile(join(stateDir, 'feeds.db'));
    feeds.rewind(
      label.lastPlace,
      FEEDS.filter((feed) => feed.function === 'project').map(({ name }) => name),
    );
    feeds.close();
    return { ...label, aside, brokenOff };
  } finally {
    lock.release();
  }
}

async function foldersOfTries(stateDir: string): Promise<readonly string[]> {
  const text = await readFile(join(stateDir, RESTORING), 'utf8').catch(() => '');
  return text.split('\n').slice(1, -1);
}

/** Meters are fenced off, the log is told, and the state may be used. */
export async function restored(stateDir: string): Promise<void> {
  await rm(join(stateDir, RESTORING), { force: true });
}

async function readLabel(from: string): Promise<BackupLabel> {
  const text = await readFile(join(from, LABEL), 'utf8').catch(() => undefined);
  const label = text === undefined ? undefined : labelIn(text);
  if (label !== undefined && existsSync(join(from, 'events.db'))) return label;
  throw new JoulekeepError('ERR_BACKUP_UNKNOWN', `${from} holds no whole backup: give the folder that "backup" wrote`);
}

/** undefined for what no backup wrote, or not to its end. */
function labelIn(text: string): BackupLabel | undefined {
  try {
    const { data } = Label.safeParse(JSON.parse(text));
    return data;
  } catch {
    return undefined;
  }
}

/** @returns how many objects there are */
async function copyMissing(from: string, to: string, onCopied: CopyProgress): Promise<number> {
  const keys = await new EmbeddedObjects(from, { now: Date.now }).list('');
  for (const [i, key] of keys.entries()) {
    const target = join(to, key);
    if (!existsSync(target)) await copyWhole(join(from, key), target);
    onCopied(i + 1, keys.length);
  }
  return keys.length;
}

/** With its age, which says when it may go. */
async function copyWhole(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const { mtime } = await stat(from);
  await copyFile(from, `${to}.part`, constants.COPYFILE_FICLONE);
  await utimes(`${to}.part`, mtime, mtime);
  await rename(`${to}.part`, to);
}
