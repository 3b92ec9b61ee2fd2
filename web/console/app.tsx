import { useEffect, useRef } from 'preact/hooks';
import { hrefOf, place } from '../shared/router.ts';
import { THEMES, theme } from '../shared/theme.ts';
import { Banner } from '../shared/ui/banner.tsx';
import { Button } from '../shared/ui/button.tsx';
import { useChange } from '../shared/use-change.ts';
import { AuditPage } from './audit/audit-page.tsx';
import { BillsPage } from './bills/bills-page.tsx';
import { type Desk, DeskContext } from './desk.ts';
import { DevicesPage } from './devices/devices-page.tsx';
import { ExceptionsPage } from './exceptions/exceptions-page.tsx';
import { FeedersPage } from './feeders/feeders-page.tsx';
import { FeedsPage } from './feeds/feeds-page.tsx';
import { IngestPage } from './ingest/ingest-page.tsx';
import { KeysPage } from './keys/keys-page.tsx';
import { MeterPage } from './meter/meter-page.tsx';
import { type PageName, pageOf, pagesFor } from './model/pages.ts';
import { OverviewPage } from './overview/overview-page.tsx';
import { t, wordOf } from './text.ts';
import { Select } from './ui/field.tsx';

const PAGES = {
  overview: OverviewPage,
  exceptions: ExceptionsPage,
  meter: MeterPage,
  bills: BillsPage,
  devices: DevicesPage,
  ingest: IngestPage,
  feeders: FeedersPage,
  feeds: FeedsPage,
  keys: KeysPage,
  audit: AuditPage,
} as const satisfies Readonly<Record<PageName, () => unknown>>;

/** The console of somebody who signed in: what their role does not use is not there. */
export function App({ desk, onSignOut }: { desk: Desk; onSignOut: () => void }) {
  const pages = pagesFor(desk.role);
  const page = pageOf(place.value.parts[0]);
  const main = useRef<HTMLElement>(null);
  const Page = PAGES[page];
  useEffect(() => {
    document.title = `${t(`page.${page}`)} – ${t('app.name')}`;
  }, [page]);
  // Whoever goes to another page begins at its top.
  useChange(page, () => main.current?.focus());
  return (
    <DeskContext.Provider value={desk}>
      <button type="button" class="button skip" onClick={() => main.current?.focus()}>
        {t('app.skip')}
      </button>
      <div class="frame">
        <SideBar desk={desk} pages={pages} page={page} onSignOut={onSignOut} />
        <main ref={main} id="content" tabIndex={-1}>
          {pages.includes(page) ? <Page /> : <NotAllowed page={page} />}
        </main>
      </div>
    </DeskContext.Provider>
  );
}

function NotAllowed({ page }: { page: PageName }) {
  return (
    <>
      <h1>{t(`page.${page}`)}</h1>
      <Banner tone="warning">{t('app.not-allowed')}</Banner>
    </>
  );
}

interface SideBarProps {
  readonly desk: Desk;
  readonly pages: readonly PageName[];
  readonly page: PageName;
  readonly onSignOut: () => void;
}

function SideBar({ desk: { person, role }, pages, page, onSignOut }: SideBarProps) {
  return (
    <header class="side">
      <p class="name">{t('app.name')}</p>
      <nav aria-label={t('app.navigation')}>
        <ul>
          {pages.map((each) => (
            <li key={each}>
              <a href={hrefOf([each])} aria-current={each === page ? 'page' : undefined}>
                {t(`page.${each}`)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="who">
        <p class="small">{t('app.signed-in', { person, role: wordOf('role', role) })}</p>
        <Select
          label={t('app.theme')}
          value={theme.value}
          options={THEMES.map((each) => [each, t(`app.theme.${each}`)])}
          onChoose={(chosen) => {
            theme.value = chosen;
          }}
        />
        <Button onClick={onSignOut}>{t('app.sign-out')}</Button>
      </div>
    </header>
  );
}
