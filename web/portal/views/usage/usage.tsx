import { useState } from 'preact/hooks';
import { localDayOf } from '../../../shared/local-date.ts';
import { Choice } from '../../../shared/ui/choice.tsx';
import { Tabs } from '../../../shared/ui/tabs.tsx';
import { Stepper } from '../../parts/stepper.tsx';
import type { ViewProps } from '../../view.ts';
import { periodTitle } from './bucket-names.ts';
import { t } from './messages.ts';
import { PERIODS, type Period, periodBeside, periodOf } from './period.ts';
import { UNITS, type Unit } from './usage-bars.ts';
import { UsageChart } from './usage-chart.tsx';

const COMPARE = { day: 'compareDay', week: 'compareWeek', month: 'compareMonth', year: 'compareYear' } as const;

/** What was used, by day, week, month and year. */
export function Usage({ caller, point }: ViewProps) {
  const today = localDayOf(Date.now(), point.zone);
  const [period, setPeriod] = useState(() => periodOf('week', today));
  const [unit, setUnit] = useState<Unit>('energy');
  const [isCompared, setCompared] = useState(false);
  const tabs = PERIODS.map((id) => ({ id, label: t(id) }));
  // A day of the period that was looked at stays in sight, today's before all.
  const dayIn = (shown: Period) => (shown.from <= today && today < shown.until ? today : shown.from);
  return (
    <>
      <h1>{t('title')}</h1>
      <div class="card">
        <Tabs label={t('period')} tabs={tabs} selected={period.kind} onSelect={(kind) => setPeriod(periodOf(kind, dayIn(period)))}>
          <Stepper
            back={{ label: t('previous') }}
            on={{ label: t('next'), isClosed: period.until > today }}
            onStep={(by) => setPeriod(periodBeside(period, by))}
            wide
          >
            <h2 aria-live="polite">{periodTitle(period)}</h2>
          </Stepper>
          <div class="usage-bar">
            <Choice label={t('unit')} options={UNITS.map((id) => ({ id, label: t(id) }))} selected={unit} onSelect={setUnit} />
            <label class="check">
              <input type="checkbox" checked={isCompared} onChange={() => setCompared(!isCompared)} />
              {t(COMPARE[period.kind])}
            </label>
          </div>
          <UsageChart
            key={`${period.kind}${period.from}`}
            caller={caller}
            point={point}
            period={period}
            unit={unit}
            isCompared={isCompared}
          />
        </Tabs>
      </div>
    </>
  );
}
