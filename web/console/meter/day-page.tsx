import { useMemo } from 'preact/hooks';
import type { Day } from '../../../api/days.ts';
import { useLoad } from '../../shared/load.ts';
import { hrefOf, place } from '../../shared/router.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { instantText } from '../dates.ts';
import { useDesk } from '../desk.ts';
import { mayCall } from '../model/calls.ts';
import { type DayPlace, type SeenDay, seeDay } from '../model/versioned.ts';
import { t } from '../text.ts';
import { Await } from '../ui/await.tsx';
import { Panel } from '../ui/panel.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { ChannelTabs, channelTitle } from './channel-tabs.tsx';
import { ChannelFacts, DayHead } from './day-head.tsx';
import { DayWork } from './day-work.ts';
import { EditPane } from './edit-pane.tsx';
import { EditsList } from './edits-list.tsx';
import { History, KnownAt } from './history.tsx';
import { LaneNames } from './lane-names.tsx';
import { Lanes } from './lanes.tsx';
import { LanesLegend } from './lanes-legend.tsx';
import { NewsBanner } from './news-banner.tsx';
import { Axis, SlotPicker } from './slot-picker.tsx';
import { SlotTable } from './slot-table.tsx';

/** A day of a meter: now, to be worked on, or as it was known before, to be looked at. */
export function DayPage({ meterId, day }: DayPlace) {
  const { requests } = useDesk();
  const where = useMemo(() => ({ meterId, day }), [meterId, day]);
  const at = place.value.query.get('at') ?? undefined;
  const current = useLoad(() => seeDay(requests, where), [requests, where]);
  return <Await from={current}>{(seen) => <Desk key={`${meterId} ${day}`} where={where} seen={seen} at={at} />}</Await>;
}

function Desk({ where, seen, at }: { where: DayPlace; seen: SeenDay; at: string | undefined }) {
  const { requests } = useDesk();
  const work = useMemo(() => new DayWork(requests, where, seen, () => crypto.randomUUID()), [requests, where, seen]);
  const { day } = work.seen.value;
  return (
    <>
      <DayHead day={day} />
      <TimesOf zone={day.zone} />
      <KnownAt day={day} parts={['meter', where.meterId, where.day]} at={at} />
      {at === undefined ? <Workplace work={work} /> : <Then key={at} where={where} at={at} />}
    </>
  );
}

function Workplace({ work }: { work: DayWork }) {
  const { day } = work.seen.value;
  const channel = work.channel.value;
  const mayEdit = mayCall(useDesk().role, 'editDay');
  if (channel === undefined) return null;
  return (
    <>
      {work.news.value !== undefined && <NewsBanner news={work.news.value} day={day} />}
      <ChannelTabs day={day} channel={channel} onChannel={(next) => work.set({ channel: next, slots: [] })}>
        <div class={mayEdit ? 'bench' : 'stack'}>
          <Panel title={t('day.slots')}>
            <ChannelFacts channel={channel} />
            <SlotPicker work={work} />
            <details>
              <summary>{t('as-table')}</summary>
              <SlotTable day={day} channel={channel} selected={work.form.value.slots} onSelect={(slots) => work.set({ slots })} />
            </details>
          </Panel>
          {mayEdit && <EditPane work={work} />}
        </div>
      </ChannelTabs>
      <EditsList day={day} work={work} />
      <History day={day} />
    </>
  );
}

/** The day as it was known. */
function Then({ where, at }: { where: DayPlace; at: string }) {
  const { requests } = useDesk();
  const then = useLoad(() => seeDay(requests, where, at), [requests, where, at]);
  return <Await from={then}>{({ day }) => <ThenView day={day} where={where} at={at} />}</Await>;
}

function ThenView({ day, where, at }: { day: Day; where: DayPlace; at: string }) {
  const back = <a href={hrefOf(['meter', where.meterId, where.day])}>{t('known.back')}</a>;
  const label = t('day.lanes', { n: day.channels[0]?.slots.length ?? 0 });
  return (
    <>
      <Banner tone="info" action={back}>
        {t('known.then', { at: instantText(at, day.zone) })}
      </Banner>
      {day.channels.map((channel) => (
        <Panel key={channel.channel} title={channelTitle(channel)}>
          <ChannelFacts channel={channel} />
          <div class="picker">
            <LaneNames channel={channel} />
            <Lanes channel={channel} selected={new Set()} cursor={undefined} label={label} />
            <Axis start={day.start} end={day.end} zone={day.zone} />
            <LanesLegend />
          </div>
          <details>
            <summary>{t('as-table')}</summary>
            <SlotTable day={day} channel={channel} selected={[]} />
          </details>
        </Panel>
      ))}
      <EditsList day={day} />
      <History day={day} />
    </>
  );
}
