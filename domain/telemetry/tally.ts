import type { DomainEvent, RefusalReason } from '../../events/index.ts';
import { HELD_REASONS } from '../../events/index.ts';

/** Where the frames of distinct batches ended, by what the streams recorded. */
export interface Tally {
  readonly accepted: number;
  readonly duplicate: number;
  /** Held (opened) and refused (not opened) together. */
  readonly quarantined: number;
  readonly refusedByReason: Readonly<Partial<Record<RefusalReason, number>>>;
  readonly slotConflicts: number;
}

/** Counts frames over events of segment and relay streams. Whole batches that were no batch held no frames to count. */
export class TallyFold {
  #accepted = 0;
  #duplicate = 0;
  #slotConflicts = 0;
  readonly #reasons = new Map<RefusalReason, number>();

  add(event: DomainEvent): void {
    switch (event.type) {
      case 'FramesAccepted':
        this.#accepted += event.data.frames.count;
        this.#duplicate += event.data.duplicates;
        return;
      case 'FramesHeld':
        for (const reason of event.data.reasons) this.#count(HELD_REASONS[reason]!, 1);
        return;
      case 'FramesRefused':
      case 'JunkCounted':
        for (const [reason, count] of Object.entries(event.data.counts)) this.#count(reason as RefusalReason, count ?? 0);
        return;
      case 'SlotConflict':
        this.#slotConflicts++;
        return;
      default:
        return;
    }
  }

  result(): Tally {
    const refusedByReason = Object.fromEntries([...this.#reasons].sort(([a], [b]) => a.localeCompare(b)));
    let quarantined = 0;
    for (const [reason, count] of this.#reasons) if (reason !== 'batch-layout') quarantined += count;
    return { accepted: this.#accepted, duplicate: this.#duplicate, quarantined, refusedByReason, slotConflicts: this.#slotConflicts };
  }

  #count(reason: RefusalReason, count: number): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count);
  }
}
