import type { Day } from '../../../api/days.ts';
import { go, hrefOf } from '../../shared/router.ts';
import { Table } from '../../shared/ui/table.tsx';
import { instantText } from '../dates.ts';
import { stopsOf } from '../model/versioned.ts';
import { t } from '../text.ts';
import { Hash } from '../ui/hash.tsx';
import { Panel } from '../ui/panel.tsx';
import { When } from '../ui/when.tsx';

/** Everything that was recorded about the day, in the chain that shows it is whole. */
export function History({ day }: { day: Day }) {
  return (
    <Panel title={t('history.title')} wide>
      <Table
        caption={t('history.title')}
        captionHidden
        columns={[
          { label: t('history.version') },
          { label: t('column.at') },
          { label: t('history.event') },
          { label: t('column.by') },
          { label: t('history.hash') },
        ]}
        rows={day.history.map(({ version, recordedAt, type, by, edit, hash }) => ({
          key: String(version),
          cells: [
            version,
            <When key="at" at={recordedAt} zone={day.zone} />,
            edit === undefined ? type : `${type} ${edit}`,
            by ?? <span class="soft">{t('history.service')}</span>,
            <Hash key="hash" hash={hash} />,
          ],
        }))}
      />
    </Panel>
  );
}

interface KnownAtProps {
  /** The day as it is now: its history has every stop. */
  readonly day: Day;
  readonly parts: readonly string[];
  readonly at: string | undefined;
}

/** Goes back to what was known at an earlier instant. */
export function KnownAt({ day, parts, at }: KnownAtProps) {
  const stops = stopsOf(day);
  const here = at === undefined ? stops.length : Math.max(0, stops.filter((stop) => stop <= at).length - 1);
  const text = (stop: number) => (stop >= stops.length ? t('known.now') : instantText(stops[stop]!, day.zone));
  const move = (stop: number) => {
    const then = stops[stop];
    go(hrefOf(parts, then === undefined ? {} : { at: then }), { replace: true });
  };
  return (
    <div class="known-at">
      <label for="known-at">{t('known.label')}</label>
      <input
        id="known-at"
        type="range"
        min={0}
        max={stops.length}
        value={here}
        aria-valuetext={text(here)}
        onChange={(event) => move(event.currentTarget.valueAsNumber)}
      />
      <output for="known-at" class="number">
        {text(here)}
      </output>
    </div>
  );
}
