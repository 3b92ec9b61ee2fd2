import { useState } from 'preact/hooks';
import type { AccessList } from '../../../../api/customer-account.ts';
import { dateRange } from '../../../shared/format.ts';
import { useLoad } from '../../../shared/load.ts';
import { addDays, localDayOf } from '../../../shared/local-date.ts';
import { hrefOf } from '../../../shared/router.ts';
import { Button } from '../../../shared/ui/button.tsx';
import { Card } from '../../../shared/ui/card.tsx';
import { LoadedView } from '../../../shared/ui/loaded-view.tsx';
import { Stepper } from '../../parts/stepper.tsx';
import type { ViewProps } from '../../view.ts';
import { AccessItem } from './access-item.tsx';
import { type AccessGroup, grouped, joined } from './accesses.ts';
import { t } from './messages.ts';

/** What one request may ask for, days. */
const SPAN_DAYS = 31;
const SHOWN = 5;

/** Who used the customer's key, by spans of a month. */
export function AccessesCard({ caller, point: { zone } }: ViewProps) {
  const tomorrow = addDays(localDayOf(Date.now(), zone), 1);
  const [until, setUntil] = useState(tomorrow);
  const from = addDays(until, -SPAN_DAYS);
  const accesses = useLoad(() => caller.request<AccessList>({ path: '/v1/me/accesses', query: { from, until } }), [caller, from, until]);
  return (
    <Card title={t('accesses')}>
      <p class="soft prose">
        {t('accessesIntro')} <a href={hrefOf(['sharing'])}>{t('toSharing')}</a>
      </p>
      <Stepper
        back={{ label: t('earlier') }}
        on={{ label: t('later'), isClosed: until >= tomorrow }}
        onStep={(by) => setUntil(addDays(until, by * SPAN_DAYS))}
      >
        <strong aria-live="polite">{dateRange(from, addDays(until, -1))}</strong>
      </Stepper>
      <LoadedView of={accesses}>{(list) => <Pages key={until} first={list} {...{ caller, from, until, zone }} />}</LoadedView>
    </Card>
  );
}

interface PagesProps extends Pick<ViewProps, 'caller'> {
  readonly first: AccessList;
  readonly from: string;
  readonly until: string;
  readonly zone: string;
}

/** The first page, and as many more as are asked for. */
function Pages({ first, caller, from, until, zone }: PagesProps) {
  const [list, setList] = useState(first);
  const [failed, setFailed] = useState(false);
  const more = async () => {
    const { cursor } = list;
    if (cursor === undefined) return;
    const reply = await caller.request<AccessList>({ path: '/v1/me/accesses', query: { from, until, cursor } });
    setFailed(!reply.ok);
    if (reply.ok) setList(joined(list, reply.body));
  };
  return (
    <>
      <Groups groups={grouped(list.accesses, zone)} zone={zone} isWhole={list.cursor === undefined} onMore={() => void more()} />
      {failed && <p role="alert">{t('moreFailed')}</p>}
    </>
  );
}

interface GroupsProps {
  readonly groups: readonly AccessGroup[];
  readonly zone: string;
  /** Nothing more is to be had. */
  readonly isWhole: boolean;
  readonly onMore: () => void;
}

function Groups({ groups, zone, isWhole, onMore }: GroupsProps) {
  const [onlyPeople, setOnlyPeople] = useState(false);
  const [shown, show] = useState(SHOWN);
  if (groups.length === 0) return <p>{t('noAccesses')}</p>;
  const chosen = onlyPeople ? groups.filter(({ person }) => person !== null) : groups;
  const rest = chosen.length - shown;
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={onlyPeople} onChange={() => setOnlyPeople(!onlyPeople)} />
        {t('people')}
      </label>
      {chosen.length === 0 ? (
        <p>{t('peopleNone')}</p>
      ) : (
        <ul class="log" aria-label={t('accessesCaption')}>
          {chosen.slice(0, shown).map((group) => (
            <AccessItem key={`${group.at} ${group.by} ${group.purpose} ${group.person}`} of={group} zone={zone} />
          ))}
        </ul>
      )}
      {rest > 0 ? (
        <div>
          <Button onClick={() => show(shown + SHOWN)}>{t('more', { n: Math.min(rest, SHOWN) })}</Button>
        </div>
      ) : (
        !isWhole && (
          <div>
            <Button onClick={onMore}>{t('morePages')}</Button>
          </div>
        )
      )}
    </>
  );
}
