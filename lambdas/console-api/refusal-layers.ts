import type { SecurityKind } from '../../api/console.ts';
import type { RefusalCounts, RefusalReason } from '../../events/index.ts';

type Layer = 'transport' | 'crypto' | 'schema' | 'vee';

interface Meaning {
  /** Where it failed on its way. */
  readonly layer: Layer;
  /** What it may be a sign of. */
  readonly kind: SecurityKind;
}

/** Every reason a frame can have. */
const MEANINGS: Readonly<Record<RefusalReason, Meaning>> = {
  'batch-layout': { layer: 'transport', kind: 'malformed' },
  'unknown-meter': { layer: 'transport', kind: 'identity' },
  'unassigned-relay': { layer: 'transport', kind: 'identity' },
  'relay-throttled': { layer: 'transport', kind: 'rate' },
  'meter-throttled': { layer: 'transport', kind: 'rate' },
  'handler-fault': { layer: 'transport', kind: 'fault' },
  algorithm: { layer: 'crypto', kind: 'crypto' },
  'unknown-epoch': { layer: 'crypto', kind: 'crypto' },
  'epoch-destroyed': { layer: 'crypto', kind: 'crypto' },
  'not-authentic': { layer: 'crypto', kind: 'crypto' },
  'wrong-confirmation': { layer: 'crypto', kind: 'crypto' },
  'message-limit': { layer: 'crypto', kind: 'crypto' },
  'below-window': { layer: 'crypto', kind: 'replay' },
  'counter-reused': { layer: 'crypto', kind: 'replay' },
  'meter-quarantined': { layer: 'crypto', kind: 'identity' },
  'meter-retired': { layer: 'crypto', kind: 'identity' },
  'frame-layout': { layer: 'schema', kind: 'malformed' },
  'plaintext-layout': { layer: 'schema', kind: 'malformed' },
  'unknown-channel': { layer: 'schema', kind: 'malformed' },
  'interval-future': { layer: 'vee', kind: 'time' },
  'interval-too-old': { layer: 'vee', kind: 'time' },
};

/** A reason that a later version recorded is shown as a fault of transport rather than left out. */
const UNHEARD_OF: Meaning = { layer: 'transport', kind: 'fault' };

function meaningOf(reason: string): Meaning {
  return Object.hasOwn(MEANINGS, reason) ? MEANINGS[reason as RefusalReason] : UNHEARD_OF;
}

/** Adds frames to the layers at which they failed. */
export function addToLayers(layers: Record<Layer, number>, counts: RefusalCounts): void {
  for (const [reason, count] of Object.entries(counts)) layers[meaningOf(reason).layer] += count;
}

/** Refusals by kind. */
export function securityCounts() {
  const kinds = new Map<SecurityKind, number>();
  const addKind = (kind: SecurityKind, count: number) => {
    if (count > 0) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  };
  return {
    add: (counts: RefusalCounts) => {
      for (const [reason, count] of Object.entries(counts)) addKind(meaningOf(reason).kind, count);
    },
    addKind,
    /** Most first. */
    rows: () => [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1)),
  };
}
