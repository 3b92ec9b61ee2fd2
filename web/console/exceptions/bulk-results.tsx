import { hrefOf } from '../../shared/router.ts';
import { Table } from '../../shared/ui/table.tsx';
import { dayText } from '../dates.ts';
import type { BulkResult } from '../model/bulk.ts';
import { t } from '../text.ts';
import { Status, type Tone } from '../ui/status.tsx';

const TONES = { done: 'good', 'second-person': 'wait', nothing: 'idle', refused: 'bad', stopped: 'idle' } as const satisfies Record<
  BulkResult['outcome'],
  Tone
>;

/** What came of each day, told as it comes. */
export function BulkResults({ results, of, running }: { results: readonly BulkResult[]; of: number; running: boolean }) {
  const outcomes = (outcome: BulkResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  const ends = {
    done: outcomes('done'),
    second: outcomes('second-person'),
    nothing: outcomes('nothing'),
    refused: outcomes('refused'),
    stopped: outcomes('stopped'),
  };
  const progress = t('bulk.progress', { done: results.length, all: of });
  return (
    <>
      <progress max={of} value={results.length} aria-label={progress} />
      <p role="status">{running ? progress : t('bulk.end', ends)}</p>
      <div class="long">
        <Table
          caption={t('bulk.results')}
          captionHidden
          columns={[{ label: t('column.meter') }, { label: t('column.day') }, { label: t('bulk.outcome') }]}
          rows={results.map((result) => ({
            key: `${result.meterId} ${result.day}`,
            cells: [
              <a key="meter" href={hrefOf(['meter', result.meterId, result.day])}>
                <code>{result.meterId}</code>
              </a>,
              <span key="day" class="nowrap">
                {dayText(result.day)}
              </span>,
              <Outcome key="outcome" result={result} />,
            ],
          }))}
        />
      </div>
    </>
  );
}

function Outcome({ result: { outcome, why, partly } }: { result: BulkResult }) {
  return (
    <Status tone={TONES[outcome]}>
      {t(`outcome.${outcome}`)}
      {why !== undefined && `: ${why}`}
      {partly === true && ` (${t('outcome.partly')})`}
    </Status>
  );
}
