import { useSignal } from '@preact/signals';
import type { QuarantinedDevices } from '../../../api/devices.ts';
import { useLoad } from '../../shared/load.ts';
import { hrefOf, place } from '../../shared/router.ts';
import type { Refusal } from '../../shared/session.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Empty } from '../../shared/ui/empty.tsx';
import { Table } from '../../shared/ui/table.tsx';
import { useDesk } from '../desk.ts';
import { ask, mayCall } from '../model/calls.ts';
import { thingOf } from '../model/device-search.ts';
import { t, wordOf } from '../text.ts';
import { Await, Freshness, Refused } from '../ui/await.tsx';
import { Panel } from '../ui/panel.tsx';
import { TimesOf } from '../ui/times-of.tsx';
import { When } from '../ui/when.tsx';
import { DevicePage } from './device-page.tsx';
import { DeviceSearch } from './device-search.tsx';

type Device = QuarantinedDevices['devices'][number];

/** Devices that are cut off; one of them, or any other, for whoever looks after certificates and incidents. */
export function DevicesPage() {
  const { role } = useDesk();
  const [, device] = place.value.parts;
  return device !== undefined && mayCall(role, 'showDevice') ? <DevicePage device={device} key={device} /> : <CutOffPage />;
}

function CutOffPage() {
  const { requests, role } = useDesk();
  const devices = useLoad(() => ask(requests, 'listQuarantined'), [requests]);
  return (
    <>
      <header class="page-head">
        <h1>{t('page.devices')}</h1>
        <Freshness from={devices} />
      </header>
      {mayCall(role, 'showDevice') && <DeviceSearch known="" />}
      <Await from={devices}>{(view) => <CutOff key={view.asOf} first={view} />}</Await>
    </>
  );
}

/** The first page of the service, and those that were asked for after it. */
function CutOff({ first }: { first: QuarantinedDevices }) {
  const { requests, role } = useDesk();
  const pages = useSignal<readonly QuarantinedDevices[]>([first]);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const devices = pages.value.flatMap((page) => page.devices);
  const cursor = pages.value.at(-1)?.cursor;
  const more = async () => {
    const reply = await ask(requests, 'listQuarantined', {}, { query: { cursor } });
    refusal.value = reply.ok ? undefined : reply;
    if (reply.ok) pages.value = [...pages.value, reply.body];
  };
  if (devices.length === 0)
    return (
      <Panel title={t('devices.cut-off')} wide>
        <Empty title={t('devices.none')} />
      </Panel>
    );
  return (
    <Panel title={t('devices.cut-off')} wide>
      <p class="soft small">{t('devices.about')}</p>
      <TimesOf zone={first.zone} />
      <Table
        caption={t('devices.cut-off')}
        captionHidden
        columns={[t('devices.device'), t('devices.since'), t('devices.why'), t('devices.by')].map((label) => ({ label }))}
        rows={devices.map((device) => ({ key: thingOf(device), cells: cellsOf(device, first.zone, hrefFor(device, role)) }))}
      />
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
      {cursor !== undefined && (
        <div class="row">
          <p role="status">{t('devices.shown', { n: devices.length })}</p>
          <Button onClick={() => void more()}>{t('devices.more')}</Button>
        </div>
      )}
    </Panel>
  );
}

/** Where the person may read more of it: what is known of the device, else a meter's own page with its days. */
function hrefFor(device: Device, role: string): string | undefined {
  if (mayCall(role, 'showDevice')) return hrefOf(['devices', thingOf(device)]);
  return device.kind === 'meter' && mayCall(role, 'showMeter') ? hrefOf(['meter', device.id]) : undefined;
}

function cellsOf({ kind, id, since, reason, by, person }: Device, zone: string, href: string | undefined) {
  return [
    <span key="device" class="nowrap">
      {t(`devices.kind.${kind}`)} {href === undefined ? id : <a href={href}>{id}</a>}
    </span>,
    <When key="since" at={since} zone={zone} />,
    wordOf('devices.reason', reason),
    by === 'person' ? (person ?? t('unknown')) : t(`devices.by.${by}`),
  ];
}
