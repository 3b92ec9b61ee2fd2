import { NO_COUNTS, type SlotsEdited } from '../../events/index.ts';
import { u16At, u32At } from './columns.ts';
import type { EditLayer } from './state.ts';

/** What the edits of a channel add up to: the last one of a slot that was not taken back. undefined = none is in force. */
export function editLayer(edits: readonly SlotsEdited[], channel: number, slots: number): EditLayer | undefined {
  const undone = new Set<number>();
  for (const { undoes } of edits) if (undoes !== undefined) undone.add(undoes);
  const inForce = edits.filter((edit) => edit.channel === channel && edit.kind !== 'undo' && !undone.has(edit.edit));
  if (inForce.length === 0) return undefined;
  const layer = {
    edit: new Uint16Array(slots),
    counts: new Uint32Array(slots).fill(NO_COUNTS),
    sources: new Uint8Array(slots),
    confidence: new Uint8Array(slots),
  };
  for (const { edit, slots: places, counts, sources, confidence } of inForce) {
    for (let i = 0; i < sources.length; i++) {
      const slot = u16At(places, i);
      layer.edit[slot] = edit;
      layer.counts[slot] = u32At(counts, i);
      layer.sources[slot] = sources[i]!;
      layer.confidence[slot] = confidence[i]!;
    }
  }
  return layer;
}
