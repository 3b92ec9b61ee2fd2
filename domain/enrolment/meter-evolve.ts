import type { DomainEvent, EpochProposed, MeterEnrolled } from '../../events/index.ts';
import { RECORDING } from './limits.ts';
import { EMPTY_LADDER, type Epoch, type KnownMeter, type Ladder, type MeterState, NO_REFUSALS, type RetiredMeter } from './meter-state.ts';
import { withRefusal } from './refusals.ts';
import { withoutRelay } from './relays.ts';

/** Folds one recorded fact. Facts it does not know, and facts that find no meter, change nothing. */
export function evolveMeter(state: MeterState, event: DomainEvent): MeterState {
  if (event.type === 'MeterEnrolled') return state.status === 'unknown' ? enrolled(event.data) : state;
  if (state.status === 'unknown') return state;
  return evolveStanding(evolveRecord(state, event), event);
}

function enrolled({ meterId, certificate, asset }: MeterEnrolled): MeterState {
  const identity = { certificate, previous: undefined };
  const records = { relays: [], ladder: EMPTY_LADDER, refusals: NO_REFUSALS, incidents: [] };
  return { status: 'enrolled', meterId, identity, asset, segment: undefined, ...records };
}

/** Facts that mean the same whatever the meter's standing. */
function evolveRecord(state: KnownMeter, event: DomainEvent): KnownMeter {
  switch (event.type) {
    case 'SegmentAssigned':
      return { ...state, segment: event.data.segment };
    case 'RelayAssigned':
      return { ...state, relays: [...state.relays, event.data] };
    case 'RelayUnassigned':
      return { ...state, relays: withoutRelay(state.relays, event.data.dcId, event.data.until) };
    case 'CounterReused':
      return { ...state, incidents: withIncident(state.incidents, counterIncident(event.data.epoch, event.data.counter)) };
    case 'TamperReported':
      return { ...state, incidents: withIncident(state.incidents, tamperIncident(event.data.code, event.data.at)) };
    case 'CertificateRenewed':
      return withCertificate(state, event.data.certificate, event.data.at);
    case 'EpochRefused':
      return state.status === 'retired' ? state : { ...state, refusals: withRefusal(state.refusals, event.data) };
    default:
      return { ...state, ladder: evolveLadder(state.ladder, event) };
  }
}

function evolveLadder(ladder: Ladder, event: DomainEvent): Ladder {
  switch (event.type) {
    case 'EpochProposed':
      return withProposal(ladder, event.data);
    case 'EpochActivated':
      return changed(ladder, event.data.epoch, (epoch) => ({ ...epoch, phase: 'active', activatedAt: event.data.at, overdue: false }));
    case 'EpochClosed':
      return changed(ladder, event.data.epoch, (epoch) =>
        epoch.phase === 'active' ? { ...epoch, phase: 'closed', closedAt: event.data.at } : epoch,
      );
    case 'EpochOverdue':
      return changed(ladder, event.data.epoch, (epoch) => (epoch.phase === 'active' ? { ...epoch, overdue: true } : epoch));
    case 'EpochDestroyed':
      return { ...ladder, live: ladder.live.filter((epoch) => epoch.epoch !== event.data.epoch) };
    default:
      return ladder;
  }
}

function evolveStanding(state: KnownMeter, event: DomainEvent): KnownMeter {
  switch (event.type) {
    case 'MeterActivated':
      return state.status === 'enrolled' ? { ...state, status: 'active' } : state;
    case 'MeterQuarantined':
      if (state.status !== 'enrolled' && state.status !== 'active') return state;
      return { ...state, status: 'quarantined', before: state.status, reason: event.data.reason, since: event.data.at };
    case 'MeterReleased': {
      if (state.status !== 'quarantined') return state;
      const { before, reason: _reason, since: _since, ...record } = state;
      return { ...record, status: before };
    }
    case 'MeterRetired':
      return retired(state, event.data.at);
    default:
      return state;
  }
}

function retired(state: KnownMeter, at: number): RetiredMeter {
  const { meterId, asset, segment, relays, ladder, incidents } = state;
  return { status: 'retired', meterId, asset, segment, relays, ladder, incidents, at };
}

function withProposal(ladder: Ladder, proposed: EpochProposed): Ladder {
  const { epoch, helloHash, accept, keyRow, at } = proposed;
  const live: Epoch[] = [...ladder.live, { phase: 'proposed', epoch, helloHash, accept, keyRow, proposedAt: at }];
  const suiteFloor = Math.max(ladder.suiteFloor, proposed.suite ?? 0);
  return { highest: Math.max(ladder.highest, epoch), suiteFloor, live: live.sort((a, b) => a.epoch - b.epoch) };
}

function changed(ladder: Ladder, epoch: number, change: (epoch: Epoch) => Epoch): Ladder {
  return { ...ladder, live: ladder.live.map((live) => (live.epoch === epoch ? change(live) : live)) };
}

function withCertificate(state: KnownMeter, certificate: Uint8Array, at: number): KnownMeter {
  if (state.status === 'retired') return state;
  return { ...state, identity: { certificate, previous: { certificate: state.identity.certificate, replacedAt: at } } };
}

function withIncident(incidents: readonly string[], incident: string): string[] {
  return [...incidents, incident].slice(-RECORDING.incidents);
}

export function counterIncident(epoch: number, counter: number): string {
  return `counter/${epoch}/${counter}`;
}

export function tamperIncident(code: number, at: number): string {
  return `tamper/${code}/${at}`;
}
