import { useId } from 'preact/hooks';
import { type Channel, highestOf, type Lane, markOf, type Slot } from '../model/slots.ts';

const [STEP, GAP, LANE, FINDINGS] = [10, 1.5, 90, 12];
const [RAW_TOP, FINDINGS_TOP, FINAL_TOP] = [4, 100, 118];
const HEIGHT = FINAL_TOP + LANE + 6;

interface LanesProps {
  readonly channel: Channel;
  readonly selected: ReadonlySet<number>;
  /** `undefined`: the day can only be looked at. */
  readonly cursor: number | undefined;
  readonly label: string;
}

/** What was measured above, what counts below, findings between them. How sure a value is says its pattern. */
export function Lanes({ channel, selected, cursor, label }: LanesProps) {
  const id = useId();
  const { slots } = channel;
  // Each lane has its own: beside one spike nothing of the rest could be seen.
  const scales = { raw: LANE / highestOf(channel, 'raw'), final: LANE / highestOf(channel, 'final') };
  return (
    <svg class="lanes" viewBox={`0 0 ${slots.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <defs>
        <pattern id={`${id}-hatch`} width="6" height="6" patternUnits="userSpaceOnUse">
          <path class="hatch" d="M-1 1l2-2M0 6l6-6M5 7l2-2" />
        </pattern>
        <pattern id={`${id}-cross`} width="6" height="6" patternUnits="userSpaceOnUse">
          <path class="cross" d="M0 0l6 6M6 0l-6 6" />
        </pattern>
      </defs>
      {slots.map((slot) => (
        <SlotColumn
          key={slot.slot}
          slot={slot}
          scales={scales}
          id={id}
          isSelected={selected.has(slot.slot)}
          isHere={slot.slot === cursor}
        />
      ))}
      <path class="base" d={`M0 ${RAW_TOP + LANE}h${slots.length * STEP}M0 ${FINAL_TOP + LANE}h${slots.length * STEP}`} />
    </svg>
  );
}

interface SlotColumnProps {
  readonly slot: Slot;
  readonly scales: Readonly<Record<Lane, number>>;
  readonly id: string;
  readonly isSelected: boolean;
  readonly isHere: boolean;
}

function SlotColumn({ slot, scales, id, isSelected, isHere }: SlotColumnProps) {
  const x = slot.slot * STEP;
  const mark = markOf(slot);
  const fill = mark === 'estimated' ? `url(#${id}-hatch)` : mark === 'held' ? `url(#${id}-cross)` : undefined;
  const finding = slot.errors.length > 0 ? 'error' : slot.warnings.length > 0 ? 'warning' : undefined;
  return (
    <g class={isHere ? 'slot here' : 'slot'}>
      <rect class={isSelected ? 'under selected' : 'under'} x={x} y={0} width={STEP} height={HEIGHT} />
      <Bar
        top={RAW_TOP}
        x={x}
        height={scales.raw * (slot.raw.energyWh ?? 0)}
        className={mark === 'held' ? 'held' : 'raw'}
        fill={mark === 'held' ? fill : undefined}
      />
      {finding !== undefined && (
        <rect class={finding} x={x + 2} y={FINDINGS_TOP} width={STEP - 4} height={finding === 'error' ? FINDINGS : FINDINGS / 2} />
      )}
      {slot.final.energyWh === null ? (
        <path class="gap" d={`M${x + 1} ${FINAL_TOP + LANE - 3}h${STEP - 2}`} />
      ) : (
        <Bar
          top={FINAL_TOP}
          x={x}
          height={scales.final * slot.final.energyWh}
          className={mark}
          fill={mark === 'estimated' ? fill : undefined}
        />
      )}
    </g>
  );
}

interface BarProps {
  readonly top: number;
  readonly x: number;
  readonly height: number;
  readonly className: string;
  readonly fill: string | undefined;
}

function Bar({ top, x, height, className, fill }: BarProps) {
  return (
    <rect class={`bar ${className}`} x={x + GAP / 2} y={top + LANE - height} width={STEP - GAP} height={height} {...(fill && { fill })} />
  );
}
