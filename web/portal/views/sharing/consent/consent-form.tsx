import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { ConsentAnswer, ConsentRequest } from '../../../../../api/customer-account.ts';
import { date } from '../../../../shared/format.ts';
import { Icon } from '../../../../shared/ui/icon.tsx';
import { words } from '../data-words.ts';
import { allowing, durationsOf } from './answer.ts';
import { t } from './messages.ts';
import { NotShared } from './not-shared.tsx';

type DataClass = ConsentRequest['dataClasses'][number];

interface ConsentFormProps {
  readonly request: ConsentRequest;
  readonly zone: string;
  /** Answers that can't be given at the moment. */
  readonly closed: 'none' | 'allow' | 'both';
  /** Above the answers. */
  readonly notice: ComponentChildren;
  readonly onAnswer: (answer: ConsentAnswer) => void;
}

const DAY_MS = 86_400_000;

/** What is asked for and what is not, with nothing ticked, and a no as large as the yes. */
export function ConsentForm({ request, zone, closed, notice, onAnswer }: ConsentFormProps) {
  const durations = durationsOf(request, Date.now());
  const [ticked, tick] = useState<ReadonlySet<DataClass>>(new Set());
  const [days, setDays] = useState(durations[0]);
  const [isRefused, setRefused] = useState(false);
  const classes = useRef<HTMLFieldSetElement>(null);
  const errorId = useId();
  const toggle = (one: DataClass) => {
    setRefused(false);
    tick(new Set(ticked.has(one) ? [...ticked].filter((other) => other !== one) : [...ticked, one]));
  };
  const allow = () => {
    const answer = allowing(request, ticked, days);
    if (answer !== undefined) return onAnswer(answer);
    setRefused(true);
    classes.current?.querySelector('input')?.focus();
  };
  return (
    <form class="card" onSubmit={(event) => event.preventDefault()}>
      <p class="consent-verified">
        <Icon name="shield" />
        <span>
          <strong>{request.recipient.name}</strong> <span class="soft">({request.recipient.id})</span>. {t('verified')}
        </span>
      </p>
      <Part title={t('purpose')}>
        <p>{words(`purpose.${request.purpose}`)}.</p>
      </Part>
      <fieldset class="consent-set" ref={classes} aria-describedby={isRefused ? errorId : undefined}>
        <legend>{t('classes')}</legend>
        <p class="soft small">{t('classesHint')}</p>
        {request.dataClasses.map((one) => (
          <label key={one} class="consent-option">
            <input type="checkbox" checked={ticked.has(one)} aria-invalid={isRefused} onChange={() => toggle(one)} />
            {words(`class.${one}`)}
          </label>
        ))}
        <p id={errorId} class="consent-error" role="alert">
          {isRefused && t('tickOne')}
        </p>
      </fieldset>
      <Part title={t('resolution')}>
        <p class="sentence">
          {words(`resolution.${request.resolution}`)}. <span class="soft">{words(`reveals.${request.resolution}`)}</span>
        </p>
      </Part>
      <Part title={t('window')}>
        <p class="sentence">{windowWords(request, zone)}.</p>
      </Part>
      <Durations durations={durations} days={days} onChoose={setDays} zone={zone} />
      <NotShared classes={request.notShared} />
      <Recorded request={request} />
      <p class="soft small">{t('returns', { origin: request.returnsTo })}</p>
      {notice}
      <div class="consent-answers">
        <button type="button" class="button" disabled={closed === 'both'} onClick={() => onAnswer({ decision: 'deny' })}>
          {t('deny')}
        </button>
        <button type="button" class="button" disabled={closed !== 'none'} onClick={allow}>
          {t('allow')}
        </button>
      </div>
    </form>
  );
}

/** A window that ends with the consent ends when the customer says so. */
function windowWords({ from, until, expiresAt }: ConsentRequest, zone: string): string {
  const began = date(from, { zone });
  return Date.parse(until) < Date.parse(expiresAt)
    ? t('span', { from: began, until: date(until, { zone }) })
    : t('spanToEnd', { from: began });
}

function Part({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <h2 class="consent-part">{title}</h2>
      {children}
    </div>
  );
}

interface DurationsProps {
  readonly durations: readonly number[];
  readonly days: number | undefined;
  readonly onChoose: (days: number) => void;
  readonly zone: string;
}

function Durations({ durations, days, onChoose, zone }: DurationsProps) {
  const name = useId();
  return (
    <fieldset class="consent-set">
      <legend>{t('duration')}</legend>
      <p class="soft small">{t('durationHint')}</p>
      {durations.map((one) => (
        <label key={one} class="consent-option">
          <input type="radio" name={name} checked={one === days} onChange={() => onChoose(one)} />
          {t('days', { n: one, until: date(Date.now() + one * DAY_MS, { zone }) })}
        </label>
      ))}
    </fieldset>
  );
}

function Recorded({ request: { purposeText, textHash } }: { readonly request: ConsentRequest }) {
  return (
    <details class="disclosure">
      <summary>{t('record')}</summary>
      <p>
        {t('recordText')} <code class="code">{textHash}</code>
      </p>
      <p>{t('wording', { text: purposeText })}</p>
    </details>
  );
}
