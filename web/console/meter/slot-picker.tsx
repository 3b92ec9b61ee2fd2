import { useRef } from 'preact/hooks';
import { time } from '../../shared/format.ts';
import { toggled } from '../model/slots.ts';
import { t } from '../text.ts';
import type { DayWork } from './day-work.ts';
import { LaneNames } from './lane-names.tsx';
import { Lanes } from './lanes.tsx';
import { LanesLegend } from './lanes-legend.tsx';
import { selectionText, slotText } from './slot-words.ts';

/** The day in two lanes, in which slots are selected by keys or pointer. */
export function SlotPicker({ work }: { work: DayWork }) {
  const { day } = work.seen.value;
  const channel = work.channel.value;
  const anchor = useRef<number | undefined>(undefined);
  if (channel === undefined) return null;
  const [last, cursor] = [channel.slots.length - 1, work.cursor.value];
  const { slots } = work.form.value;
  const reading = channel.slots[cursor] === undefined ? '' : slotText(day, channel, channel.slots[cursor]);
  const press = (event: KeyboardEvent) => {
    const next = slotAfterKey(event.key, cursor, last, HOUR_MINUTES / day.minutes);
    if (event.key === ' ') work.set({ slots: toggled(slots, cursor, cursor) });
    else if (next === undefined) return;
    else {
      if (event.shiftKey) work.set({ slots: extended(slots, cursor, next) });
      work.cursor.value = next;
    }
    event.preventDefault();
  };
  const slotAt = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(last, Math.max(0, Math.floor(((event.clientX - left) / width) * (last + 1))));
  };
  return (
    <div class="picker">
      <LaneNames channel={channel} />
      <div
        class="pick"
        role="slider"
        tabIndex={0}
        aria-label={t('day.slider')}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={cursor}
        aria-valuetext={reading}
        aria-describedby="pick-hint"
        onKeyDown={press}
        onPointerDown={(event) => {
          anchor.current = slotAt(event);
          work.cursor.value = anchor.current;
        }}
        onPointerUp={(event) => {
          const from = anchor.current;
          anchor.current = undefined;
          if (from === undefined) return;
          work.cursor.value = slotAt(event);
          work.set({ slots: toggled(slots, from, work.cursor.value) });
        }}
      >
        <Lanes channel={channel} selected={new Set(slots)} cursor={cursor} label={t('day.lanes', { n: last + 1 })} />
      </div>
      <Axis start={day.start} end={day.end} zone={day.zone} />
      <p class="reading number">{reading}</p>
      <LanesLegend />
      <p id="pick-hint" class="soft small">
        {t('day.slider.hint')}
      </p>
      <p role="status">{selectionText(day, slots)}</p>
    </div>
  );
}

const QUARTERS = [0, 1, 2, 3, 4] as const;

/** Times below the lanes. */
export function Axis({ start, end, zone }: { start: string; end: string; zone: string }) {
  const [from, until] = [Date.parse(start), Date.parse(end)];
  return (
    <p class="axis" aria-hidden="true">
      {QUARTERS.map((quarter) => (
        <span key={quarter}>{time(from + ((until - from) * quarter) / 4, { zone })}</span>
      ))}
    </p>
  );
}

const HOUR_MINUTES = 60;

function slotAfterKey(key: string, cursor: number, last: number, hour: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, cursor + 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, cursor - 1);
    case 'PageUp':
      return Math.min(last, cursor + hour);
    case 'PageDown':
      return Math.max(0, cursor - hour);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

function extended(slots: readonly number[], from: number, until: number): readonly number[] {
  return toggled(
    slots.filter((slot) => slot < Math.min(from, until) || slot > Math.max(from, until)),
    from,
    until,
  );
}
