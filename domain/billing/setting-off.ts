import type { Flow, FlowSlot } from './flows.ts';

/** What is charged and what is paid. */
export interface Traded {
  readonly taken: Flow;
  readonly sent: Flow;
}

/** Slots of both directions that reach into each other: one of each, unless meters count by different intervals. */
interface Window {
  readonly taken: FlowSlot[];
  readonly sent: FlowSlot[];
}

/**
 * Sets off what is taken and what is sent within each slot; where a meter counts one of them by a longer interval than the other's, within that. What is
 * set off there goes from the earliest slots.
 */
export function setOff({ taken, sent }: Traded): Traded {
  const rest = new Map<FlowSlot, bigint>();
  for (const window of windowsOf(taken, sent)) {
    const [one, other] = [sumOf(window.taken), sumOf(window.sent)];
    for (const slots of [window.taken, window.sent]) takeOff(slots, lesser(one, other), rest);
  }
  const left = (flow: Flow): Flow => flow.map((day) => ({ ...day, slots: day.slots.map((slot) => ({ ...slot, value: rest.get(slot)! })) }));
  return { taken: left(taken), sent: left(sent) };
}

function takeOff(slots: readonly FlowSlot[], sum: bigint, rest: Map<FlowSlot, bigint>): void {
  let due = sum;
  for (const slot of slots) {
    const part = lesser(slot.value, due);
    rest.set(slot, slot.value - part);
    due -= part;
  }
}

function windowsOf(taken: Flow, sent: Flow): readonly Window[] {
  const named = [...slotsOf(taken, 'taken'), ...slotsOf(sent, 'sent')].sort((a, b) => a.slot.at - b.slot.at);
  const windows: Window[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { slot, of } of named) {
    if (slot.at >= end) windows.push({ taken: [], sent: [] });
    windows.at(-1)![of].push(slot);
    end = Math.max(end, slot.at + slot.minutes * 60);
  }
  return windows;
}

function slotsOf(flow: Flow, of: keyof Window): { readonly slot: FlowSlot; readonly of: keyof Window }[] {
  return flow.flatMap(({ slots }) => slots.map((slot) => ({ slot, of })));
}

function lesser(one: bigint, other: bigint): bigint {
  return one <= other ? one : other;
}

function sumOf(slots: readonly FlowSlot[]): bigint {
  return slots.reduce((sum, { value }) => sum + value, 0n);
}
