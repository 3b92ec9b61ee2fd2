import {
  type ChannelOutcome,
  type DayFrame,
  type DayOutcome,
  type DomainEvent,
  type MeterDayEvent,
  type ValidatedChannel,
  VEE_RULES,
} from '../../events/index.ts';

/** A meter day as read models see it. */
export interface DayView {
  /** As it was last told, also when nothing is left of the day. */
  readonly frame: DayFrame | undefined;
  /** `open` = collected, no outcome yet. */
  readonly state: 'open' | 'provisional' | 'final' | 'restated';
  readonly outcome: DayOutcome | undefined;
  /** Begin to end, UTC s, as far as they lie in the day. */
  readonly outages: ReadonlyMap<number, number>;
  /** Causes found so far, those of today among them; since when, UTC ms. */
  readonly causes: ReadonlyMap<string, number>;
  /** Where the meter's profile contradicts itself, and rules with errors: reasons of a hold while there is one. */
  readonly faults: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
  /** What closing warned of about how the meter delivers: V24, V25, V26. Said once, so it stays while slots lack a measurement. */
  readonly delivery: ReadonlySet<string>;
  /** Use while the supply was off (V23), until a person has edited or accepted something of the day. */
  readonly theft: boolean;
  /** Edits that wait for a second person, and who proposed them. */
  readonly proposals: ReadonlyMap<number, string>;
}

export const NO_DAY: DayView = {
  frame: undefined,
  state: 'open',
  outcome: undefined,
  outages: new Map(),
  causes: new Map(),
  faults: new Set(),
  rules: new Set(),
  delivery: new Set(),
  theft: false,
  proposals: new Map(),
};

/** Findings that only say that slots are missing: the gap itself is the cause. */
const GAP_RULES: ReadonlySet<string> = new Set(['V03', 'V04']);

/** Warnings about a meter that a person should follow up, not about values. */
const DELIVERY_RULES: ReadonlySet<string> = new Set(['V24', 'V25', 'V26']);

const THEFT = 2 ** VEE_RULES.indexOf('V23');

/** Never throws on content: what is recorded is a fact. Events it doesn't know change nothing. */
export function evolveDay(view: DayView, event: DomainEvent): DayView {
  const next = apply(view, event as MeterDayEvent);
  return next === view ? view : noteCauses(next, event);
}

function apply(view: DayView, event: MeterDayEvent): DayView {
  switch (event.type) {
    case 'ReadingsCollected': {
      const { frame, outages } = event.data;
      return { ...view, frame, outages: outages.reduce(withOutage, new Map(view.outages)) };
    }
    case 'ProfileChainBroken':
    case 'SealMismatch':
      return { ...view, faults: new Set([...view.faults, event.data.what]) };
    case 'DayValidated':
      return {
        ...view,
        rules: rulesOf(event.data.channels),
        delivery: new Set([...view.delivery, ...deliveryRules(event.data.channels)]),
        theft: event.data.channels.some(({ dayWarnings }) => (dayWarnings & THEFT) !== 0),
      };
    case 'EditProposed':
      return { ...view, proposals: new Map(view.proposals).set(event.data.edit, event.data.by) };
    case 'EditRejected':
      return { ...view, proposals: without(view.proposals, event.data.edit) };
    case 'SlotsEdited':
      return { ...view, theft: false, proposals: without(view.proposals, event.data.edit) };
    case 'DayProvisional':
      return { ...view, state: 'provisional', outcome: event.data };
    case 'DayFinalized':
      return { ...view, state: 'final', outcome: event.data };
    case 'DayRestated':
      return { ...view, state: 'restated', outcome: event.data };
    case 'DayResealed':
      return resealed(view, event.data.frame, event.data.history);
    default:
      return view;
  }
}

/** Nothing of what stood here before counts, least of all an outcome that was another subject's as well. */
function resealed({ causes }: DayView, frame: DayFrame, history: readonly MeterDayEvent[]): DayView {
  const again = history.reduce<DayView>(evolveDay, NO_DAY);
  return { ...again, frame, causes: new Map([...again.causes, ...causes]) };
}

/** Cause of a day on which an edit waits for a second person. */
export const PROPOSAL = 'proposal';

/** Why a person should look at the day; a cause groups what has one reason over many meters. */
export function openCauses({ frame, state, outcome, outages, faults, rules, delivery, theft, proposals }: DayView): ReadonlySet<string> {
  const causes = new Set<string>();
  if (frame === undefined || outcome === undefined) return causes;
  if (proposals.size > 0) causes.add(PROPOSAL);
  if (theft) causes.add('rule/V23');
  const sum = (of: (channel: ChannelOutcome) => number) => outcome.channels.reduce((total, channel) => total + of(channel), 0);
  const missing = sum((channel) => channel.missing);
  if (outcome.held || sum((channel) => channel.held) > 0) {
    for (const what of faults) causes.add(`profile/${what}`);
    for (const rule of rules) causes.add(`rule/${rule}`);
    if (faults.size + rules.size === 0) causes.add('held');
  }
  if (missing + sum((channel) => channel.estimated) > 0) {
    // Silence is over with the wait for what is missing, the other two with the estimates.
    for (const rule of delivery) if (rule !== 'V26' || state === 'provisional') causes.add(`rule/${rule}`);
  }
  if (missing > 0 && outages.size === 0) causes.add('gap');
  if (missing > 0) for (const from of outages.keys()) causes.add(outageCause(from));
  return causes;
}

/** @param from UTC s */
export function outageCause(from: number): string {
  return `outage/${new Date(from * 1000).toISOString().slice(0, 16)}Z`;
}

function withOutage(known: Map<number, number>, { from, until }: { readonly from: number; readonly until: number }): Map<number, number> {
  return known.set(from, Math.max(until, known.get(from) ?? until));
}

function noteCauses(view: DayView, { data }: DomainEvent): DayView {
  const fresh = [...openCauses(view)].filter((cause) => !view.causes.has(cause));
  if (fresh.length === 0) return view;
  const at = 'at' in data ? data.at : (view.outcome?.at ?? 0);
  return { ...view, causes: new Map([...view.causes, ...fresh.map((cause): [string, number] => [cause, at])]) };
}

function deliveryRules(channels: readonly ValidatedChannel[]): string[] {
  const bits = channels.reduce((all, { dayWarnings }) => all | dayWarnings, 0);
  return VEE_RULES.filter((rule, bit) => ((bits >>> bit) & 1) === 1 && DELIVERY_RULES.has(rule));
}

function rulesOf(channels: readonly ValidatedChannel[]): ReadonlySet<string> {
  let bits = 0;
  for (const { errors, dayErrors } of channels) {
    bits |= dayErrors;
    const column = Buffer.from(errors.buffer, errors.byteOffset, errors.byteLength);
    for (let i = 0; i + 4 <= column.length; i += 4) bits |= column.readUInt32LE(i);
  }
  return new Set(VEE_RULES.filter((rule, bit) => ((bits >>> bit) & 1) === 1 && !GAP_RULES.has(rule)));
}

function without(proposals: ReadonlyMap<number, string>, edit: number): ReadonlyMap<number, string> {
  const left = new Map(proposals);
  left.delete(edit);
  return left;
}
