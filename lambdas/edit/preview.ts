import type { Preview } from '../../api/edits.ts';
import { emptyView, viewSlot } from '../../domain/meterday/effective.ts';
import { asKnownAt } from '../../domain/meterday/known-at.ts';
import { meterDay } from '../../domain/meterday/meterday.ts';
import { standingOf } from '../../domain/meterday/outcome.ts';
import type { OpenDay } from '../../domain/meterday/state.ts';
import { JoulekeepError, type MeterDayEvent } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { commandOf, SECOND_PERSON } from './edit-command.ts';
import { moneyDifference } from './money.ts';
import { accessDay, etagOf, type OpenedDay, readDay } from './open-day.ts';
import { energyOf } from './show-day.ts';

/** What an edit would do to energy and money, approved where it has to be; the same decision as saving it, and nothing recorded. */
export async function previewEdit(platform: Platform, { caller, path, body }: Call<'previewEdit'>): Promise<Answer> {
  const access = await accessDay(platform, caller, path);
  const opened = await readDay(platform, access, path);
  const events = meterDay.decide(await commandOf(platform, caller, opened.day, body), opened.day);
  const after = dayAfter(opened, events, platform.clock.now());
  const [was, will] = [standing(opened.day), standing(after)];
  const slots = changedSlots(opened.day, after);
  const preview: Preview = {
    needsSecondPerson: events.some(({ type }) => type === 'EditProposed'),
    unchanged: events.length === 0,
    before: [...was.channels],
    after: [...will.channels],
    heldBefore: was.held,
    heldAfter: will.held,
    slots,
    ...(await moneyDifference(platform, caller, opened.day, after)),
  };
  return { body: preview, etag: etagOf(opened.head) };
}

/** The day with these events on top, and with the approval they wait for. */
function dayAfter({ commits }: OpenedDay, events: readonly MeterDayEvent[], at: number): OpenDay {
  let state = asKnownAt(commits, Number.POSITIVE_INFINITY);
  for (const event of events) state = meterDay.evolve(state, event);
  const proposed = events.find((event) => event.type === 'EditProposed');
  if (proposed !== undefined) {
    const approval = { type: 'ApproveEdit', edit: proposed.data.edit, by: SECOND_PERSON, at } as const;
    for (const event of meterDay.decide(approval, state)) state = meterDay.evolve(state, event);
  }
  if (state.status === 'empty') throw new JoulekeepError('ERR_DAY_UNKNOWN', 'no such day');
  return state;
}

function standing(day: OpenDay) {
  return standingOf(day, day.channels, true);
}

function changedSlots(before: OpenDay, after: OpenDay): Preview['slots'] {
  const [was, will] = [emptyView(), emptyView()];
  const changed: Preview['slots'] = [];
  for (const channel of before.channels) {
    const then = channel === undefined ? undefined : after.channels[channel.channel];
    if (channel === undefined || then === undefined) continue;
    for (let slot = 0; slot < before.slots; slot++) {
      viewSlot(channel, slot, true, was);
      viewSlot(then, slot, true, will);
      if (was.counts === will.counts && was.source === will.source) continue;
      const energies = { beforeWh: energyOf(was.counts, channel.perCount), afterWh: energyOf(will.counts, then.perCount) };
      changed.push({ slot, channel: channel.channel, ...energies });
    }
  }
  return changed;
}
