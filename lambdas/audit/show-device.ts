import type { DeviceView } from '../../api/devices.ts';
import { type Incident, incidentOf } from '../../domain/enrolment/incident.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import type { MeterState } from '../../domain/enrolment/meter-state.ts';
import { JoulekeepError } from '../../events/index.ts';
import type { DeviceCertificate, Platform } from '../../platform/ports/platform.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant, instantOrNull } from '../http/instants.ts';
import { fingerprintOf, readCertificate } from '../shared/devices/certificates.ts';
import { cutOffBody, namedDevice } from '../shared/devices/cut-off.ts';
import { foldRelay, relayStream } from '../shared/devices/relays.ts';
import { keptFrom } from '../shared/retained/kept-commits.ts';

type Certificate = DeviceView['certificates'][number];

/** What the device's own stream says. */
interface OnRecord extends Pick<DeviceView, 'status' | 'quarantine' | 'epoch' | 'concentrators'> {
  /** Newest first; of a concentrator the stream has fingerprints alone. */
  readonly certificates: readonly { readonly fingerprint: string; readonly der?: Uint8Array }[];
  /** In the order in which they were recorded. */
  readonly incidents: readonly Incident[];
}

const MOST = 100;
/** Commits of a concentrator that are looked through: one that floods has no end of them. */
const RELAY_COMMITS = 500;

/** A device as its stream and the gateway have it: certificates and incidents, and nothing of where it hangs or what it measured. @throws ERR_DEVICE_UNKNOWN */
export async function showDevice(platform: Platform, { path }: Call<'showDevice'>): Promise<Answer> {
  const { kind, id } = namedDevice(path.device);
  const [recorded, atGateway] = await Promise.all([
    kind === 'meter' ? meterOnRecord(platform, id) : relayOnRecord(platform, id),
    platform.devices.find(path.device),
  ]);
  if (recorded === undefined) throw new JoulekeepError('ERR_DEVICE_UNKNOWN', 'no such meter or concentrator');
  const { certificates, incidents, ...standing } = recorded;
  const body: DeviceView = {
    ...{ asOf: instant(platform.clock.now()), zone: AREA_ZONE, kind, id, ...standing },
    barred: atGateway?.quarantined ?? null,
    certificates: certificatesOf(certificates, atGateway?.certificates ?? []),
    incidents: incidents
      .toSorted((a, b) => b.at - a.at)
      .slice(0, MOST)
      .map(({ what, at, detail }) => ({ at: instant(at), what, detail: detail ?? null })),
  };
  return { body };
}

async function meterOnRecord({ events }: Platform, meterId: string): Promise<OnRecord | undefined> {
  let state: MeterState = meter.initial;
  const incidents: Incident[] = [];
  for await (const commit of events.read(`meter/${meterId}`)) {
    for (const event of commit.events) {
      state = meter.evolve(state, event);
      const incident = incidentOf(event);
      if (incident !== undefined) incidents.push(incident);
    }
  }
  if (state.status === 'unknown') return undefined;
  const epoch = state.ladder.live.findLast(({ phase }) => phase === 'active');
  const identity =
    state.status === 'retired'
      ? []
      : [state.identity.certificate, ...(state.identity.previous ? [state.identity.previous.certificate] : [])];
  return {
    ...{ status: state.status, incidents, quarantine: state.status === 'quarantined' ? cutOffBody(state) : null },
    epoch: epoch?.phase === 'active' ? { epoch: epoch.epoch, since: instant(epoch.activatedAt), overdue: epoch.overdue } : null,
    concentrators: state.relays.flatMap(({ dcId, until }) => (until === undefined ? [dcId] : [])),
    certificates: identity.map((der) => ({ fingerprint: fingerprintOf(der), der })),
  };
}

async function relayOnRecord(platform: Platform, dcId: string): Promise<OnRecord | undefined> {
  const { state, head } = await foldRelay(platform, dcId);
  if (state.standing === 'unregistered') return undefined;
  const stream = relayStream(dcId);
  const from = Math.max(await keptFrom(platform.events, stream), head.version - RELAY_COMMITS, 0);
  const incidents: Incident[] = [];
  for await (const { events } of platform.events.read(stream, from)) incidents.push(...events.flatMap((event) => incidentOf(event) ?? []));
  return {
    ...{ status: state.standing, incidents, quarantine: state.standing === 'quarantined' ? cutOffBody(state) : null },
    ...{ epoch: null, concentrators: [] },
    certificates: state.certificates.map(({ fingerprint }) => ({ fingerprint })).reverse(),
  };
}

/** Those on record, then such as the gateway alone has. */
function certificatesOf(recorded: OnRecord['certificates'], atGateway: readonly DeviceCertificate[]): Certificate[] {
  const known = new Map<string, Pick<DeviceCertificate, 'status'> & { readonly der: Uint8Array }>(
    atGateway.map((one) => [one.fingerprint, one]),
  );
  const names = new Set([...recorded, ...atGateway].map(({ fingerprint }) => fingerprint));
  return [...names].map((fingerprint) => {
    const der = known.get(fingerprint)?.der ?? recorded.find((one) => one.fingerprint === fingerprint)?.der;
    const leaf = der && readCertificate(der);
    return {
      ...{ fingerprint, subject: leaf?.subject ?? null, status: known.get(fingerprint)?.status ?? null },
      from: instantOrNull(leaf?.validFromDate.getTime()),
      until: instantOrNull(leaf?.validToDate.getTime()),
    };
  });
}
