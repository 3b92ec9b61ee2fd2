import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import type { AssetRecord } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { sinceRestore } from '../shared/restore-fence.ts';
import { Roster } from './roster.ts';

/**
 * How far a segment was closed: where to begin reading and whom to look at. Saves work, decides nothing: without it everything is
 * read again and comes out the same.
 */
export interface Cursor {
  /** Version of the last event that was read; late frames are looked for behind it. -1 = nothing yet. */
  readTo: number;
  /** Per zone: the last day that was closed, `yyyy-mm-dd`. */
  readonly closed: Map<string, string>;
  /** UTC s of a local midnight to the first version that may hold slots behind it. */
  readonly marks: Map<number, number>;
  readonly roster: Roster;
  /** Day to the members whose day is not final. */
  readonly open: Map<string, Set<number>>;
  /** `<member>/<end of the day, UTC s>` to the hash of the seal of that day, 16 hex digits. */
  readonly seals: Map<string, string>;
}

const SHAPE = 1;

interface Saved {
  readonly shape: typeof SHAPE;
  readonly readTo: number;
  readonly closed: readonly (readonly [string, string])[];
  readonly marks: readonly (readonly [number, number])[];
  readonly assets: readonly AssetRecord[];
  readonly members: readonly SavedMember[];
  readonly open: readonly (readonly [string, readonly number[]])[];
  readonly seals: readonly (readonly [string, string])[];
}

/** Number, meter id, place among the assets, since, until (0 = here), lastEnd, estimatedDays, silent. */
type SavedMember = readonly [number, string, number, number, number, number, number, boolean];

const encoder = new Encoder({ useRecords: false, variableMapSize: true });
const decoder = new Decoder({ useRecords: false });

const PREFIX = 'close/';

const cursorKey = async ({ directory }: Platform, segment: string): Promise<string> => (await sinceRestore(directory, PREFIX)) + segment;

export function emptyCursor(): Cursor {
  return { readTo: -1, closed: new Map(), marks: new Map(), roster: new Roster(), open: new Map(), seals: new Map() };
}

/** After a restore it is empty again: days that were closed since the backup are not, and what comes in the places that are free again was read by nobody. */
export async function readCursor(platform: Platform, segment: string): Promise<Cursor> {
  const value = await platform.directory.get(await cursorKey(platform, segment));
  const saved = value === undefined ? undefined : (decoder.decode(value) as Saved);
  if (saved === undefined || saved.shape !== SHAPE) return emptyCursor();
  const cursor = emptyCursor();
  cursor.readTo = saved.readTo;
  for (const [zone, day] of saved.closed) cursor.closed.set(zone, day);
  for (const [midnight, version] of saved.marks) cursor.marks.set(midnight, version);
  for (const [number, meterId, asset, since, until, lastEnd, estimatedDays, silent] of saved.members) {
    const left = until === 0 ? {} : { until };
    cursor.roster.set(number, { meterId, asset: saved.assets[asset]!, since, ...left, lastEnd, estimatedDays, silent });
  }
  for (const [day, members] of saved.open) cursor.open.set(day, new Set(members));
  for (const [place, hash] of saved.seals) cursor.seals.set(place, hash);
  return cursor;
}

/** Resolves when it is on stable storage. */
export async function writeCursor(platform: Platform, segment: string, cursor: Cursor): Promise<void> {
  const assets = new Map<string, number>();
  const members = [...cursor.roster.members.entries()].flatMap(([number, member]) => {
    if (member === undefined) return [];
    const text = JSON.stringify(member.asset);
    if (!assets.has(text)) assets.set(text, assets.size);
    const { meterId, since, until = 0, lastEnd, estimatedDays, silent } = member;
    return [[number, meterId, assets.get(text)!, since, until, lastEnd, estimatedDays, silent] as const];
  });
  const saved: Saved = {
    shape: SHAPE,
    readTo: cursor.readTo,
    closed: [...cursor.closed],
    marks: [...cursor.marks],
    assets: [...assets.keys()].map((text) => JSON.parse(text) as AssetRecord),
    members,
    open: [...cursor.open].map(([day, numbers]) => [day, [...numbers]] as const),
    seals: [...cursor.seals],
  };
  await platform.directory.put([{ key: await cursorKey(platform, segment), value: encoder.encode(saved) }]);
}
