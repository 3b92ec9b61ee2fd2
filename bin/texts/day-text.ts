import type { ChannelStanding, Day } from '../../api/days.ts';
import type { Edited, Preview } from '../../api/edits.ts';
import { differenceText, moneyText } from './money-text.ts';

type Slot = Day['channels'][number]['slots'][number];

/** A meter day for a terminal. @param all every slot, else those with something to say */
export function dayText(body: unknown, etag: string | undefined, all: boolean): string {
  const day = body as Day;
  const { meterId, usagePoint, start, end, zone, minutes, state, revision, held } = day;
  const lines = [
    `${meterId} at ${usagePoint}, ${day.day}${day.part === 1 ? '' : `, part ${day.part}`}: ${state}, revision ${revision}${held ? ', held' : ''}`,
    `${start} to ${end}, ${minutes} min, ${zone}${etag === undefined ? '' : `; --etag '${etag}'`}`,
  ];
  for (const channel of day.channels) {
    const rules = [...channel.dayErrors, ...channel.dayWarnings.map((rule) => `(${rule})`)].join(' ');
    lines.push(
      `${standingText(channel)}  ${channel.obis}${channel.registerWh === null ? '' : `, register ${channel.registerWh}`}  ${rules}`.trimEnd(),
    );
    lines.push(...channel.slots.filter((slot) => all || speaks(slot)).map(slotText));
  }
  for (const { edit, kind, by, reason, note, approvedBy, undone, undoes } of day.edits) {
    const more = [approvedBy && `approved by ${approvedBy}`, undoes && `undoes ${undoes}`, undone && 'taken back'].filter(Boolean);
    lines.push(`edit ${edit}: ${kind} by ${by}, ${[reason, JSON.stringify(note), ...more].join(', ')}`);
  }
  for (const { edit, kind, by, reason, note } of day.proposals)
    lines.push(`edit ${edit} waits for a second person: ${kind} by ${by}, ${reason}, ${JSON.stringify(note)}`);
  return `${lines.join('\n')}\n`;
}

export function previewText(body: unknown): string {
  const { unchanged, needsSecondPerson, before, after, heldBefore, heldAfter, slots, money, noMoneyBecause } = body as Preview;
  if (unchanged) return 'it is so already\n';
  const lines = before.flatMap((channel, i) => [`before  ${standingText(channel)}`, `after   ${standingText(after[i]!)}`]);
  lines.push(...slots.map(({ slot, beforeWh, afterWh }) => `  slot ${slot}: ${beforeWh ?? '-'} to ${afterWh ?? '-'}`));
  if (heldBefore !== heldAfter) lines.push(heldAfter ? 'the day would be held' : 'the day would be held no more');
  if (money === undefined) lines.push(`no money: ${noMoneyBecause}`);
  else
    lines.push(
      `money   ${moneyText(money.beforeMicro)} to ${moneyText(money.afterMicro)} ${money.currency} from ${money.from} to ${money.until}: ${differenceText(money.beforeMicro, money.afterMicro)}`,
    );
  if (needsSecondPerson) lines.push('somebody else has to approve');
  return `${lines.join('\n')}\n`;
}

export function editedText(body: unknown): string {
  const { result, edit, repeated, revision, held, channels } = body as Edited;
  const what = `${result}${edit === undefined ? '' : `, edit ${edit}`}${repeated ? ', by this very request before' : ''}`;
  return `${[`${what}; revision ${revision}${held ? ', held' : ''}`, ...channels.map(standingText)].join('\n')}\n`;
}

function standingText({ channel, direction, unit, energyWh, measured, estimated, edited, held, missing }: ChannelStanding): string {
  const counts = { measured, estimated, edited, held, missing };
  const slots = Object.entries(counts).filter(([, count]) => count > 0);
  return `channel ${channel} ${direction}: ${energyWh} ${unit}, ${slots.map(([name, count]) => `${count} ${name}`).join(', ')}`;
}

function speaks({ final, errors, warnings }: Slot): boolean {
  return final.source !== 'measured' || final.edited || errors.length > 0 || warnings.length > 0;
}

function slotText({ slot, end, raw, final, errors, warnings }: Slot): string {
  const source = `${final.source}${final.scaled ? '+ES' : ''}${final.edited ? ' by hand' : ''}`;
  const rules = [...errors, ...warnings.map((rule) => `(${rule})`)].join(' ');
  return `  ${String(slot).padStart(3)}  ${end}  raw ${energyText(raw.energyWh)}  final ${energyText(final.energyWh)}  ${source}  ${rules}`.trimEnd();
}

function energyText(energyWh: number | null): string {
  return String(energyWh ?? '-').padStart(7);
}
