import { type Channel, NO_COUNTS } from '../../events/index.ts';
import type { Item, ItemOwner, ReadTable } from '../../platform/ports/read-models.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import type { LocalDay } from '../shared/local-days.ts';
import type { ItemChanges, ItemKind } from './item-changes.ts';
import type { SlotReading } from './slot-readings.ts';

/** Recent readings: a page per meter, local day, channel, segment and subject. Sealed under the subject's key of the month. */
export const USAGE_PAGES = 'usage-pages';

interface Page {
  readonly start: number;
  readonly minutes: number;
  readonly unit: Channel['unit'];
  readonly direction: Channel['direction'];
  /** Per slot; NO_COUNTS = none. */
  readonly energyWh: Uint32Array;
  /** Slots that came and don't show. */
  readonly held: number[];
}

/** A day of a channel so far, as it came: not validated, nothing estimated. */
export interface UsageSoFar {
  readonly channel: number;
  readonly direction: Channel['direction'];
  readonly unit: Channel['unit'];
  readonly minutes: number;
  /** Begin of the local day, UTC s; slot i ends at `start + (i + 1) * minutes * 60`. */
  readonly start: number;
  /** Wh of the slots that have a value. */
  readonly slots: readonly { readonly slot: number; readonly energyWh: number }[];
  /** Slots that came and wait for a decision. */
  readonly held: readonly number[];
}

export const PAGE_KIND: ItemKind<Page> = {
  write: ({ energyWh, ...page }) => Buffer.from(JSON.stringify({ ...page, energyWh: Buffer.from(energyWh.buffer).toString('base64') })),
  read: (bytes) => {
    const { energyWh, ...page } = JSON.parse(bytes.toString()) as Omit<Page, 'energyWh'> & { energyWh: string };
    const column = Uint8Array.from(Buffer.from(energyWh, 'base64'));
    return { ...page, energyWh: new Uint32Array(column.buffer) };
  },
};

/** @param at the local day in which the slot lies @param subject whose it is */
export function addToPage(changes: ItemChanges<Page>, reading: SlotReading, segment: string, at: LocalDay, subject: string): void {
  const { meterId, asset, channel, minutes, end, energyWh, held, version } = reading;
  const { unit, direction } = asset.channels[channel]!;
  const slot = (end - at.start) / (minutes * 60) - 1;
  const slots = Math.ceil((at.end - at.start) / (minutes * 60));
  const empty = () => ({ start: at.start, minutes, unit, direction, energyWh: new Uint32Array(slots).fill(NO_COUNTS), held: [] });
  const apply = (page: Page) => {
    if (held) page.held.push(slot);
    if (energyWh !== undefined) page.energyWh[slot] = energyWh;
  };
  const owner: ItemOwner = { subject, day: at.day };
  const sort = `${at.day}/${String(channel).padStart(2, '0')}/${minutes}/${segment}/${subject}`;
  changes.add({ partition: meterId, sort }, version, apply, empty, owner);
}

/**
 * Today so far, or another recent day, of one meter: every channel apart. Pages of other subjects are not opened; those
 * whose key is destroyed are gone. @param subject account id or UTILITY
 */
export async function usageSoFar(
  pages: ReadTable,
  request: { readonly meterId: string; readonly day: string; readonly subject: string },
  access: SubjectAccess,
): Promise<readonly UsageSoFar[]> {
  const found = new Map<string, UsageSoFar>();
  for await (const item of ownPages(pages, request, access)) {
    const { channel, page } = readItem(item);
    const key = `${channel}/${page.minutes}`;
    const { energyWh, held, ...kind } = page;
    const slots = [...energyWh].flatMap((wh, slot) => (wh === NO_COUNTS ? [] : [{ slot, energyWh: wh }]));
    const known = found.get(key);
    const merged = [...(known?.slots ?? []), ...slots].sort((a, b) => a.slot - b.slot);
    found.set(key, { channel, ...kind, slots: merged, held: [...(known?.held ?? []), ...held].sort((a, b) => a - b) });
  }
  return [...found.values()];
}

/** The sort key ends with whose page it is, so what isn't theirs is never asked for. */
async function* ownPages(
  pages: ReadTable,
  { meterId, day, subject }: { readonly meterId: string; readonly day: string; readonly subject: string },
  access: SubjectAccess,
): AsyncGenerator<Item, void, void> {
  const keys = await Array.fromAsync(pages.keys(meterId, `${day}/`));
  const own = keys.filter(({ sort }) => sort.endsWith(`/${subject}`));
  for (const item of await pages.getMany(own, access)) if (item !== undefined && item.erased === undefined) yield item;
}

function readItem({ sort, value }: Item): { readonly channel: number; readonly page: Page } {
  return { channel: Number(sort.split('/')[1]), page: PAGE_KIND.read(value) };
}
