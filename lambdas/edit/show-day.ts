import type { Day } from '../../api/days.ts';
import { u16At, u32At } from '../../domain/meterday/columns.ts';
import { emptyView, outcomeOf, viewSlot } from '../../domain/meterday/effective.ts';
import { standingOf } from '../../domain/meterday/outcome.ts';
import type { ChannelState, OpenDay } from '../../domain/meterday/state.ts';
import { type DomainEvent, NO_COUNTS, SCALED, SLOT_SOURCES, type SlotsEdited, VEE_RULES } from '../../events/index.ts';
import type { RecordedCommit } from '../../platform/ports/event-store.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { accessDay, etagOf, readDay } from './open-day.ts';

/** The day in two lanes, what was measured and what counts, with its findings, edits and history; now or as known at an instant. */
export async function showDay(platform: Platform, { caller, path, query }: Call<'showDay'>): Promise<Answer> {
  const access = await accessDay(platform, caller, path);
  const at = query.at === undefined ? undefined : Date.parse(query.at);
  const { day, head, commits } = await readDay(platform, access, path, at);
  const body: Day = { ...dayBody(day, commits), ...(at === undefined ? {} : { asKnownAt: instant(at) }) };
  return { body, ...(at === undefined ? { etag: etagOf(head) } : {}) };
}

function dayBody(day: OpenDay, commits: readonly RecordedCommit[]): Day {
  const { frame } = day;
  const { meterId, usagePoint, part, zone, minutes } = frame;
  const undone = new Set(day.edits.flatMap(({ undoes }) => undoes ?? []));
  return {
    ...{ meterId, usagePoint, day: frame.day, part, zone, minutes },
    start: instant(frame.start * 1000),
    end: instant(frame.end * 1000),
    state: day.final ? 'final' : day.outcome === undefined ? 'open' : 'provisional',
    revision: day.revision,
    held: standingOf(day, day.channels, true).held,
    channels: day.channels.filter((channel) => channel !== undefined).map((channel) => channelBody(day, channel)),
    edits: day.edits.map((edit) => editBody(day, edit, undone)),
    proposals: [...day.proposals.values()].map((edit) => editBody(day, edit, undone)),
    history: commits.flatMap(historyOf),
  };
}

function channelBody(day: OpenDay, channel: ChannelState): Day['channels'][number] {
  const { judged, asset, perCount } = channel;
  return {
    ...outcomeOf(channel, day.slots, true),
    obis: asset.obis,
    registerWh: judged === undefined || judged.bracket < 0 ? null : judged.bracket * perCount,
    dayErrors: rulesOf(judged?.dayErrors ?? 0),
    dayWarnings: rulesOf(judged?.dayWarnings ?? 0),
    slots: Array.from({ length: day.slots }, (_, slot) => slotBody(day, channel, slot)),
  };
}

const view = emptyView();

function slotBody({ frame }: OpenDay, channel: ChannelState, slot: number): Day['channels'][number]['slots'][number] {
  viewSlot(channel, slot, true, view);
  const { counts, source, confidence, edited } = view;
  const { perCount, registers, flags, judged } = channel;
  const register = registers[slot]!;
  return {
    slot,
    end: instant((frame.start + (slot + 1) * frame.minutes * 60) * 1000),
    raw: { energyWh: energyOf(channel.counts[slot]!, perCount), registerCounts: register < 0 ? null : register, flags: flags[slot]! },
    final: { energyWh: energyOf(counts, perCount), ...sourceOf(source), confidence, edited },
    errors: rulesOf(judged?.errors[slot] ?? 0),
    warnings: rulesOf(judged?.warnings[slot] ?? 0),
  };
}

function editBody(day: OpenDay, edit: SlotsEdited & { readonly approvedBy?: string }, undone: ReadonlySet<number>): Day['edits'][number] {
  const { kind, channel, reason, note, by, at, approvedBy, undoes } = edit;
  const perCount = day.channels[channel]?.perCount ?? 1;
  const slots = Array.from(edit.sources, (_, i) => u16At(edit.slots, i));
  return {
    ...{ edit: edit.edit, kind, channel, slots, reason, note, by },
    energyWh: slots.map((_, i) => energyOf(u32At(edit.counts, i), perCount)),
    at: instant(at),
    undone: undone.has(edit.edit),
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...(undoes === undefined ? {} : { undoes }),
  };
}

function historyOf({ version, events, recordedAt, head }: RecordedCommit): Day['history'] {
  const commit = { recordedAt: instant(recordedAt), hash: head.hash.toString('hex') };
  return events.map((event, i) => ({ version: version + i, type: event.type, ...commit, ...authorOf(event) }));
}

function authorOf(event: DomainEvent): { by?: string; edit?: number } {
  switch (event.type) {
    case 'EditProposed':
    case 'EditRejected':
      return { by: event.data.by, edit: event.data.edit };
    case 'SlotsEdited':
      return { by: event.data.approvedBy ?? event.data.by, edit: event.data.edit };
    case 'DayRestated':
      return { by: event.data.by };
    case 'DayFinalized':
      return event.data.word === undefined ? {} : { by: event.data.word.by };
    default:
      return {};
  }
}

export function energyOf(counts: number, perCount: number): number | null {
  return counts === NO_COUNTS ? null : counts * perCount;
}

function sourceOf(source: number): { source: string; scaled: boolean } {
  return { source: SLOT_SOURCES[source & ~SCALED] ?? 'missing', scaled: (source & SCALED) !== 0 };
}

function rulesOf(bits: number): string[] {
  return VEE_RULES.filter((_, bit) => ((bits >>> bit) & 1) === 1);
}
