import type { Day } from '../../../api/days.ts';
import type { Channel } from './slots.ts';

/** What a proposal would do to its channel. Energy in the channel's unit; null = nothing billable. */
export interface ProposedChange {
  readonly unit: Channel['unit'];
  readonly slots: readonly { readonly slot: number; readonly before: number | null; readonly after: number | null }[];
  /** After less before; where nothing is billable counts for 0. */
  readonly difference: number;
}

/** The proposed values beside what stands now. A channel that the day does not have has nothing standing. */
export function proposedChange({ channels }: Pick<Day, 'channels'>, edit: Day['proposals'][number]): ProposedChange {
  const channel = channels.find((known) => known.channel === edit.channel);
  const slots = edit.slots.map((slot, i) => ({
    slot,
    before: channel?.slots[slot]?.final.energyWh ?? null,
    after: edit.energyWh[i] ?? null,
  }));
  const difference = slots.reduce((sum, { before, after }) => sum + (after ?? 0) - (before ?? 0), 0);
  return { unit: channel?.unit ?? 'Wh', slots, difference };
}
