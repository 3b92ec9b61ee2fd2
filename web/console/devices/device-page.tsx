import type { DeviceView } from '../../../api/devices.ts';
import { useLoad } from '../../shared/load.ts';
import { hrefOf } from '../../shared/router.ts';
import { Banner } from '../../shared/ui/banner.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { instantText } from '../dates.ts';
import { useDesk } from '../desk.ts';
import { ask } from '../model/calls.ts';
import { t, wordOf } from '../text.ts';
import { Await, Freshness } from '../ui/await.tsx';
import { Hash } from '../ui/hash.tsx';
import { Panel } from '../ui/panel.tsx';
import { Particulars } from '../ui/particulars.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { When } from '../ui/when.tsx';
import { DeviceSearch } from './device-search.tsx';

/** A device: its standing, its certificates and what happened to it. @param device as the gateway names it */
export function DevicePage({ device }: { device: string }) {
  const { requests } = useDesk();
  const view = useLoad(() => ask(requests, 'showDevice', { device }), [requests, device]);
  const id = device.replace(/^(m|dc)-/, '');
  return (
    <>
      <header class="page-head">
        <h1>{t(device.startsWith('m-') ? 'devices.title.meter' : 'devices.title.concentrator', { id })}</h1>
        <Freshness from={view} />
      </header>
      <p>
        <a href={hrefOf(['devices'])}>{t('devices.all')}</a>
      </p>
      <DeviceSearch known={id} />
      <Await from={view} missing={t('devices.unknown')}>
        {(known) => <Device view={known} />}
      </Await>
    </>
  );
}

function Device({ view }: { view: DeviceView }) {
  const { quarantine, zone } = view;
  return (
    <>
      <TimesOf zone={zone} />
      {quarantine !== null && (
        <Banner tone="warning">
          {t('devices.quarantine', { since: instantText(quarantine.since, zone), reason: wordOf('devices.reason', quarantine.reason) })}
        </Banner>
      )}
      <Standing view={view} />
      <Certificates view={view} />
      <Incidents view={view} />
    </>
  );
}

function Standing({ view: { kind, status, barred, epoch, concentrators, quarantine, zone } }: { view: DeviceView }) {
  const gateway = kind === 'meter' ? 'meter' : barred === null ? 'unknown' : barred ? 'barred' : 'open';
  const ofMeter = [
    [
      t('devices.epoch'),
      epoch === null
        ? t('none')
        : t(epoch.overdue ? 'devices.epoch.overdue' : 'devices.epoch.since', { epoch: epoch.epoch, at: instantText(epoch.since, zone) }),
    ],
    [t('devices.concentrators'), concentrators.length === 0 ? t('none') : concentrators.join(', ')],
  ] as const;
  const by = quarantine === null ? [] : [[t('devices.by'), byOf(quarantine)] as const];
  return (
    <Panel title={t('devices.standing')}>
      <Particulars
        facts={[
          [t('devices.status'), status],
          ...by,
          [t('devices.gateway'), t(`devices.gateway.${gateway}`)],
          ...(kind === 'meter' ? ofMeter : []),
        ]}
      />
    </Panel>
  );
}

function byOf({ by, person }: NonNullable<DeviceView['quarantine']>): string {
  return by === 'person' ? (person ?? t('unknown')) : t(`devices.by.${by}`);
}

function Certificates({ view: { certificates, zone } }: { view: DeviceView }) {
  const at = (instant: string | null) => (instant === null ? '–' : <When at={instant} zone={zone} />);
  return (
    <Panel title={t('devices.certificates')} wide>
      {certificates.length === 0 ? (
        <p>{t('devices.certificates.none')}</p>
      ) : (
        <Table
          caption={t('devices.certificates')}
          captionHidden
          columns={[t('devices.fingerprint'), t('devices.subject'), t('devices.from'), t('devices.until'), t('column.status')].map(
            (label) => ({
              label,
            }),
          )}
          rows={certificates.map(({ fingerprint, subject, from, until, status }) => ({
            key: fingerprint,
            cells: [
              <Hash key="fingerprint" hash={fingerprint} />,
              subject ?? t('unknown'),
              at(from),
              at(until),
              status === null ? t('devices.gateway.unknown') : t(`devices.certificate.${status}`),
            ],
          }))}
        />
      )}
    </Panel>
  );
}

function Incidents({ view: { incidents, zone } }: { view: DeviceView }) {
  return (
    <Panel title={t('devices.incidents')} wide>
      {incidents.length === 0 ? (
        <p>{t('devices.incidents.none')}</p>
      ) : (
        <Table
          caption={t('devices.incidents')}
          captionHidden
          columns={[t('column.at'), t('devices.what'), t('devices.detail')].map((label) => ({ label }))}
          rows={incidents.map(({ at, what, detail }, i) => ({
            key: `${at} ${i}`,
            cells: [<When key="at" at={at} zone={zone} />, t(`devices.what.${what}`), detail ?? '–'],
          }))}
        />
      )}
    </Panel>
  );
}
