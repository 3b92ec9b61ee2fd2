import type { PersonSignIns } from '../../../api/sign-ins.ts';
import { count } from '../../shared/format.ts';
import { useLoad } from '../../shared/load.ts';
import { Empty } from '../../shared/ui/empty.tsx';
import { monthText } from '../dates.ts';
import { UTC, useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { t, wordOf } from '../text.ts';
import { Await } from '../ui/await.tsx';
import { CardTable } from '../ui/card-table.tsx';
import { Panel } from '../ui/panel.tsx';
import { When } from '../ui/when.tsx';

type SignIn = PersonSignIns['signIns'][number];
type Refused = PersonSignIns['refused'][number];

/** Who of the utility signed in in a month of UTC, and who was refused. @source X.1332 10.1, 10.2 */
export function SignIns({ month }: { readonly month: string }) {
  const { requests } = useDesk();
  const found = useLoad(() => ask(requests, 'listPersonSignIns', {}, { query: { month } }), [requests, month]);
  return (
    <Panel title={t('audit.signIns', { month: monthText(month) })} wide>
      <Await from={found}>
        {({ signIns, refused, truncated }) => (
          <>
            {signIns.length === 0 ? <Empty title={t('audit.signIns.none')} /> : <Begun signIns={signIns} />}
            {refused.length > 0 && <Tries refused={refused} />}
            {truncated && <p class="soft">{t('audit.signIns.truncated')}</p>}
          </>
        )}
      </Await>
    </Panel>
  );
}

function Begun({ signIns }: { readonly signIns: readonly SignIn[] }) {
  return (
    <CardTable
      caption={t('audit.signIns.caption')}
      columns={[
        { label: t('audit.signIns.person') },
        { label: t('audit.signIns.role') },
        { label: t('audit.signIns.at') },
        { label: t('audit.signIns.method') },
        { label: t('audit.signIns.device') },
        { label: t('audit.signIns.standing') },
        { label: t('audit.signIns.ended') },
      ]}
      rows={signIns.map(({ person, role, at, method, device, state, why, by, endedAt }, i) => ({
        key: String(i),
        cells: [
          ...[<Name key="person" of={person} />, wordOf('role', role), <When key="at" at={at} {...UTC} />, method, device],
          t(`standing.${why ?? (state === 'open' ? 'open' : 'over')}`, { by: by ?? '' }),
          endedAt === null ? '–' : <When key="ended" at={endedAt} {...UTC} />,
        ],
      }))}
    />
  );
}

/** In one line, however narrow its column. */
function Name({ of }: { readonly of: string }) {
  return <span class="nowrap">{of}</span>;
}

function Tries({ refused }: { readonly refused: readonly Refused[] }) {
  return (
    <CardTable
      caption={t('audit.signIns.refused')}
      columns={[
        { label: t('audit.signIns.person') },
        { label: t('audit.times'), align: 'end' },
        { label: t('audit.first') },
        { label: t('audit.last') },
        { label: t('audit.signIns.reasons') },
      ]}
      rows={refused.map(({ person, count: times, first, last, reasons }, i) => ({
        key: String(i),
        cells: [
          ...[person ?? t('audit.signIns.unknown'), count(times)],
          ...[<When key="first" at={first} {...UTC} />, <When key="last" at={last} {...UTC} />],
          Object.entries(reasons)
            .map(([reason, n]) => `${reason} ${n}`)
            .join(', '),
        ],
      }))}
    />
  );
}
