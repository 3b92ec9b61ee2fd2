import { go, hrefOf } from '../../shared/router.ts';
import { Button } from '../../shared/ui/button.tsx';
import { useDesk } from '../desk.ts';
import { assignedTo, type QueueFilter, queryOf, STATES } from '../model/queue-filter.ts';
import { t } from '../text.ts';
import { Select, TextField } from '../ui/field.tsx';

const AGES = ['', '24', '48', '96', '120'] as const;
const CAUSES = ['', 'rule/', 'outage', 'gap', 'profile', 'held', 'proposal'] as const;

/** Changes the address, and with it the list. */
export function Filters({ filter }: { filter: QueueFilter }) {
  const { person } = useDesk();
  const set = (change: Partial<QueueFilter>) => {
    go(hrefOf(['exceptions'], queryOf({ ...filter, ...change })), { replace: true });
  };
  const causes = CAUSES.some((known) => known === filter.cause) ? CAUSES : [...CAUSES, filter.cause];
  return (
    <search class="filters" aria-label={t('exceptions.filter')}>
      <Select
        label={t('exceptions.status')}
        value={filter.status}
        options={STATES.map((state) => [state, state === '' ? t('exceptions.any') : t(`status.${state}`)])}
        onChoose={(status) => set({ status })}
      />
      <Select
        label={t('exceptions.cause')}
        value={filter.cause}
        options={causes.map((cause) => [cause, cause === '' ? t('exceptions.any') : cause])}
        onChoose={(cause) => set({ cause })}
      />
      <Select
        label={t('exceptions.age')}
        value={filter.olderThanHours}
        options={AGES.map((hours) => [hours, hours === '' ? t('exceptions.any') : t('exceptions.hours', { n: hours })])}
        onChoose={(olderThanHours) => set({ olderThanHours })}
      />
      <TextField label={t('exceptions.rule')} value={ruleOf(filter)} onText={(rule) => set({ cause: rule === '' ? '' : `rule/${rule}` })} />
      <TextField label={t('exceptions.area')} value={filter.area} onText={(area) => set({ area })} />
      <TextField label={t('exceptions.assignee')} value={filter.assignee} onText={(assignee) => set(assignedTo(assignee))} />
      <div class="row">
        <Button pressed={filter.assignee === person} onClick={() => set(assignedTo(filter.assignee === person ? '' : person))}>
          {t('exceptions.mine')}
        </Button>
        <Button kind="quiet" onClick={() => go(hrefOf(['exceptions']), { replace: true })}>
          {t('exceptions.clear')}
        </Button>
      </div>
    </search>
  );
}

function ruleOf({ cause }: QueueFilter): string {
  return cause.startsWith('rule/') ? cause.slice('rule/'.length) : '';
}
