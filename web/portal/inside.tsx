import { useEffect, useState } from 'preact/hooks';
import type { CustomerPoints } from '../../api/customer-usage.ts';
import { offlineStore } from '../shared/browser.ts';
import { useLoad } from '../shared/load.ts';
import { hrefOf, place } from '../shared/router.ts';
import { Banner } from '../shared/ui/banner.tsx';
import { Button } from '../shared/ui/button.tsx';
import { Empty } from '../shared/ui/empty.tsx';
import { LoadedView } from '../shared/ui/loaded-view.tsx';
import { useChange } from '../shared/use-change.ts';
import { t } from './messages.ts';
import { Navigation } from './navigation.tsx';
import { Shell } from './shell.tsx';
import { SitePicker } from './site-picker.tsx';
import type { Phase } from './state.ts';
import type { FormerProps, Point, View } from './view.ts';
import { t as erasure } from './views/erasure/messages.ts';
import { VIEWS } from './views.ts';

/** The portal of somebody who signed in, or what is kept of it while there is no network. */
export function Inside({ config, caller, session }: Extract<Phase, { at: 'inside' }>) {
  const points = useLoad(() => caller.request<CustomerPoints>({ path: '/v1/me/points' }), [caller], {
    keep: { store: offlineStore, name: 'points' },
  });
  const [chosen, choose] = useState<string | undefined>(undefined);
  const [name = VIEWS[0]?.name] = place.value.parts;
  const view = VIEWS.find((candidate) => candidate.name === name);
  useTitle(view);
  const known = knownPoints(points.state.value);
  return (
    <Shell
      session={session}
      picker={known.length > 1 && <SitePicker points={known} chosen={chosen ?? known[0]?.usagePoint} onChoose={choose} />}
      navigation={<Navigation current={view?.name} />}
      banner={session === undefined && <Offline />}
    >
      <LoadedView of={points} isOfflineSaid={session === undefined}>
        {({ points: all }) => {
          const point = all.find(({ usagePoint }) => usagePoint === chosen) ?? all[0];
          if (point === undefined) return <WithoutHome view={view} caller={caller} config={config} />;
          if (view === undefined) return <Empty isPage title={t('notHere')} action={<a href={hrefOf([])}>{t('goHome')}</a>} />;
          return <view.component key={point.usagePoint} caller={caller} config={config} point={point} points={all} />;
        }}
      </LoadedView>
    </Shell>
  );
}

/** Whoever has no home with us any more has their data with us still. */
function WithoutHome({ view, caller, config }: Pick<FormerProps, 'caller' | 'config'> & { readonly view: View | undefined }) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (view?.former !== undefined) return <view.former caller={caller} config={config} zone={timeZone} />;
  return (
    <Empty isPage title={t('noPoints')} action={<a href={hrefOf(['erasure'])}>{erasure('title')}</a>}>
      {t('noPointsHint')}
    </Empty>
  );
}

/** The whole portal is tried again, not a part of it. */
function Offline() {
  const again = <Button onClick={() => location.reload()}>{t('reload')}</Button>;
  return (
    <Banner tone="warning" action={again}>
      {t('offline')}
    </Banner>
  );
}

function knownPoints(loaded: { readonly state: string; readonly value?: CustomerPoints }): readonly Point[] {
  return loaded.state === 'ready' ? (loaded.value?.points ?? []) : [];
}

/** The document is called like its view, and a new view gets the focus. */
function useTitle(view: View | undefined): void {
  const label = view?.label() ?? t('notHere');
  useEffect(() => {
    document.title = `${label} – Joulekeep`;
  }, [label]);
  useChange(view, () => document.getElementById('content')?.focus());
}
