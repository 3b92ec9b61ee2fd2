import { useState } from 'preact/hooks';
import { count } from '../../../shared/format.ts';
import { localDayOf } from '../../../shared/local-date.ts';
import { saveFile } from '../../../shared/save-file.ts';
import { Banner } from '../../../shared/ui/banner.tsx';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import type { ViewProps } from '../../view.ts';
import { CurlCard } from './curl-card.tsx';
import { type Choice, faultOf, fileCall, fileName, MOST_DAYS, presetDays } from './file-request.ts';
import { FormChoice } from './form-choice.tsx';
import { hasReadings } from './has-readings.ts';
import { t } from './messages.ts';
import { PeriodChoice } from './period-choice.tsx';
import { sizeWords } from './size-words.ts';
import '../../parts/parts.css';
import './downloads.css';

type Outcome =
  | { readonly is: 'waiting' }
  | { readonly is: 'preparing' }
  | { readonly is: 'empty' }
  | { readonly is: 'done'; readonly file: string; readonly bytes: number }
  | { readonly is: 'failed'; readonly status: number };

/** The customer's readings as a file. @source X.1332 8.3 (own data), Green Button */
export function Downloads({ caller, point }: ViewProps) {
  const today = localDayOf(Date.now(), point.zone);
  const [choice, choose] = useState<Choice>({ form: 'csv', ...presetDays('last-30', today) });
  const [outcome, setOutcome] = useState<Outcome>({ is: 'waiting' });
  const fault = faultOf(choice);
  const download = async () => {
    setOutcome({ is: 'preparing' });
    const reply = await caller.request<Blob>({ ...fileCall(point.usagePoint, choice), as: 'blob' });
    if (!reply.ok) return setOutcome({ is: 'failed', status: reply.status });
    if (!hasReadings(choice.form, await reply.body.text())) return setOutcome({ is: 'empty' });
    const file = fileName(point.usagePoint, choice);
    saveFile(file, reply.body);
    setOutcome({ is: 'done', file, bytes: reply.body.size });
  };
  const changed = (next: Choice) => {
    choose(next);
    setOutcome({ is: 'waiting' });
  };
  return (
    <>
      <div class="page-head">
        <h1>{t('title')}</h1>
        <p class="soft">{t('intro')}</p>
      </div>
      <Card title={t('file')}>
        <FormChoice selected={choice.form} onSelect={(form) => changed({ ...choice, form })} />
        <PeriodChoice choice={choice} today={today} tenancies={point.tenancies} zone={point.zone} onChange={changed} />
        {fault !== undefined && (
          <p class="download-fault" role="alert">
            {t(`fault.${fault}`, { count: count(MOST_DAYS) })}
          </p>
        )}
        <div class="row">
          <Button kind="primary" disabled={fault !== undefined || outcome.is === 'preparing'} onClick={() => void download()}>
            {t('download')}
          </Button>
          <span role="status">{statusWords(outcome)}</span>
        </div>
        {outcome.is === 'failed' && <FailedNote status={outcome.status} />}
        <p class="small soft">{t('care')}</p>
      </Card>
      <CurlCard usagePoint={point.usagePoint} choice={choice} />
    </>
  );
}

function statusWords(outcome: Outcome): string {
  if (outcome.is === 'preparing') return t('preparing');
  if (outcome.is === 'empty') return t('empty');
  return outcome.is === 'done' ? t('done', { file: outcome.file, size: sizeWords(outcome.bytes) }) : '';
}

function FailedNote({ status }: { readonly status: number }) {
  const why = status === 429 ? t('tooMany') : status === 0 ? t('offline') : t('failedText');
  return (
    <Banner tone="error">
      <strong>{t('failed')}.</strong> {why}
    </Banner>
  );
}
