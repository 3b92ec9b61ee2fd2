import { useState } from 'preact/hooks';
import { localDayOf } from '../../../shared/local-date.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { Choice } from '../../../shared/ui/choice.tsx';
import { Icon } from '../../../shared/ui/icon.tsx';
import { Tabs } from '../../../shared/ui/tabs.tsx';
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
          <Stepper period={period} today={today} onStep={setPeriod} />
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

interface StepperProps {
  readonly period: Period;
  readonly today: string;
  readonly onStep: (period: Period) => void;
}

function Stepper({ period, today, onStep }: StepperProps) {
  return (
    <div class="stepper">
      <Button label={t('previous')} onClick={() => onStep(periodBeside(period, -1))}>
        <Icon name="previous" />
      </Button>
      <h2 aria-live="polite">{periodTitle(period)}</h2>
      <Button label={t('next')} disabled={period.until > today} onClick={() => onStep(periodBeside(period, 1))}>
        <Icon name="next" />
      </Button>
    </div>
  );
}
