import { useSignal } from '@preact/signals';
import { saveFile } from '../../shared/save-file.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { useDesk } from '../desk.ts';
import { auditCsv, auditJson, wholeAudit } from '../model/audit-export.ts';
import { t } from '../text.ts';
import { Refused } from '../ui/await.tsx';

const TYPES = { csv: 'text/csv;charset=utf-8', json: 'application/json' } as const;

/** The whole day as a file: all its pages, or no file. */
export function Export({ day }: { day: string }) {
  const { requests } = useDesk();
  const busy = useSignal(false);
  const words = useSignal('');
  const refusal = useSignal<Refusal | undefined>(undefined);
  const save = async (as: keyof typeof TYPES) => {
    busy.value = true;
    refusal.value = undefined;
    const entries = await wholeAudit(requests, day, (n) => {
      words.value = t('audit.exporting', { n });
    });
    busy.value = false;
    if ('ok' in entries) {
      refusal.value = entries;
      words.value = '';
      return;
    }
    words.value = t('audit.exported', { n: entries.length });
    const text = as === 'csv' ? auditCsv(entries) : auditJson(day, entries);
    saveFile(`audit-${day}.${as}`, new Blob([text], { type: TYPES[as] }));
  };
  return (
    <fieldset class="picks">
      <legend>{t('audit.export')}</legend>
      <Button disabled={busy.value} onClick={() => void save('csv')}>
        {t('audit.csv')}
      </Button>
      <Button disabled={busy.value} onClick={() => void save('json')}>
        {t('audit.json')}
      </Button>
      <span role="status" class="small">
        {words.value}
      </span>
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
    </fieldset>
  );
}
