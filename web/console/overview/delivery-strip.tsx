import type { Overview } from '../../../api/console.ts';
import { count, percent } from '../../shared/format.ts';
import { Table } from '../../shared/ui/table.tsx';
import { instantText } from '../dates.ts';
import { deliveryTotals, type Hour, hourState } from '../model/delivery.ts';
import { t } from '../text.ts';

const [STEP, HEIGHT, GAP] = [10, 48, 1];

/** Hours side by side, each as full as it was delivered; the one that is going on is drawn and not counted. */
export function DeliveryStrip({ delivery: hours, zone, asOf }: Pick<Overview, 'delivery' | 'zone' | 'asOf'>) {
  const { expected, received, share } = deliveryTotals(hours, asOf);
  if (share === undefined) return <p>{t('overview.delivery.nothing')}</p>;
  const caption = t('overview.delivery.caption', {
    received: count(received),
    expected: count(expected),
    share: percent(share, { digits: 1 }),
  });
  return (
    <figure class="strip">
      <figcaption>{caption}</figcaption>
      <svg viewBox={`0 0 ${hours.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={caption}>
        <title>{caption}</title>
        {hours.map((hour, i) => (
          <HourBar key={hour.hour} hour={hour} x={i * STEP} zone={zone} asOf={asOf} />
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>{hours[0] !== undefined && instantText(hours[0].hour, zone)}</span>
        <span>{hours.at(-1) !== undefined && instantText(hours.at(-1)!.hour, zone)}</span>
      </p>
      <details>
        <summary>{t('as-table')}</summary>
        <HourTable hours={hours} zone={zone} asOf={asOf} />
      </details>
    </figure>
  );
}

function HourBar({ hour, x, zone, asOf }: { hour: Hour; x: number; zone: string; asOf: string }) {
  const { share = 0, state } = hourState(hour, asOf);
  const filled = share * HEIGHT;
  const words = { hour: instantText(hour.hour, zone), received: hour.received, expected: hour.expected, words: t(`hour.${state}`) };
  return (
    <g class={`hour ${state}`}>
      <title>{t('overview.delivery.hour', words)}</title>
      <rect class="expected" x={x} y={0} width={STEP - GAP} height={HEIGHT} />
      <rect class="received" x={x} y={HEIGHT - filled} width={STEP - GAP} height={filled} />
    </g>
  );
}

function HourTable({ hours, zone, asOf }: { hours: readonly Hour[]; zone: string; asOf: string }) {
  return (
    <Table
      caption={t('overview.delivery')}
      captionHidden
      columns={[
        { label: t('overview.hour') },
        { label: t('overview.expected'), align: 'end' },
        { label: t('overview.received'), align: 'end' },
        { label: t('overview.share'), align: 'end' },
        { label: t('column.status') },
      ]}
      rows={hours.map((hour) => {
        const { share, state } = hourState(hour, asOf);
        const told = share === undefined ? '–' : percent(share, { digits: 1 });
        return {
          key: hour.hour,
          cells: [instantText(hour.hour, zone), count(hour.expected), count(hour.received), told, t(`hour.${state}`)],
        };
      })}
    />
  );
}
