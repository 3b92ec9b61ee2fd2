import type { Day } from '../../../api/days.ts';
import { Table } from '../../shared/ui/table.tsx';
import { type Channel, flagWords, markOf, type Slot, toggled } from '../model/slots.ts';
import { t, wordOf } from '../text.ts';
import { energyIn, sourceText, spanText } from './slot-words.ts';

interface SlotTableProps {
  readonly day: Day;
  readonly channel: Channel;
  readonly selected: readonly number[];
  /** Absent: the day can only be looked at. */
  readonly onSelect?: (slots: readonly number[]) => void;
}

/** The lanes as a table. */
export function SlotTable({ day, channel, selected, onSelect }: SlotTableProps) {
  const there = new Set(selected);
  const cells = (slot: Slot) => [
    spanText(day, slot.slot, slot.slot),
    energyIn(channel.unit, slot.raw.energyWh),
    flagWords(slot.raw.flags).join(', '),
    energyIn(channel.unit, slot.final.energyWh),
    sourceText(slot, (source) =>
      markOf(slot) === 'edited' ? `${t('mark.edited')}, ${wordOf('source', source)}` : wordOf('source', source),
    ),
    `${slot.final.confidence} %`,
    [...slot.errors.map((rule) => `${rule} (E)`), ...slot.warnings.map((rule) => `${rule} (W)`)].join(', '),
  ];
  const picked = (slot: Slot) => (
    <input
      key="select"
      type="checkbox"
      aria-label={spanText(day, slot.slot, slot.slot)}
      checked={there.has(slot.slot)}
      onChange={() => onSelect?.(toggled(selected, slot.slot, slot.slot))}
    />
  );
  const picking = onSelect !== undefined;
  return (
    <Table
      caption={t('day.slots')}
      captionHidden
      columns={[
        { label: t('day.column.time') },
        { label: t('day.column.raw'), align: 'end' },
        { label: t('day.column.flags') },
        { label: t('day.column.final'), align: 'end' },
        { label: t('day.column.source') },
        { label: t('day.column.confidence'), align: 'end' },
        { label: t('day.column.findings') },
        ...(picking ? [{ label: t('day.column.select') }] : []),
      ]}
      rows={channel.slots.map((slot) => ({ key: String(slot.slot), cells: [...cells(slot), ...(picking ? [picked(slot)] : [])] }))}
    />
  );
}
