import type { EpochRefused, MeterEvent } from '../../events/index.ts';
import { JoulekeepError } from '../../events/index.ts';
import { activateEpoch, closeEpoch, destroyEpoch, judgeHello, markEpochOverdue } from './ladder.ts';
import { RECORDING } from './limits.ts';
import type { MeterCommand, ProposeEpoch } from './meter-command.ts';
import { counterIncident, evolveMeter, tamperIncident } from './meter-evolve.ts';
import { type KnownMeter, type MeterState, UNKNOWN_METER } from './meter-state.ts';
import { refuse } from './refusals.ts';
import { assignRelay, unassignRelay } from './relays.ts';

/**
 * Decider of stream `meter/<meterId>`: identity, assignment, keys and incidents of one meter. `[]` means already done.
 * @throws ERR_METER_UNKNOWN for every command but EnrolMeter on a meter nobody enrolled
 * @source X.1332 10.1
 */
export const meter = { initial: UNKNOWN_METER as MeterState, decide: decideMeter, evolve: evolveMeter };

type KnownCommand = Exclude<MeterCommand, { type: 'EnrolMeter' }>;
type EpochCommand = Extract<
  MeterCommand,
  { type: 'ProposeEpoch' | 'RefuseHello' | 'ActivateEpoch' | 'CloseEpoch' | 'DestroyEpoch' | 'MarkEpochOverdue' }
>;
type StandingCommand = Extract<MeterCommand, { type: 'ActivateMeter' | 'Quarantine' | 'Release' | 'Retire' }>;

function decideMeter(command: MeterCommand, state: MeterState): readonly MeterEvent[] {
  if (command.type === 'EnrolMeter') {
    const { meterId, certificate, asset, at } = command;
    return state.status === 'unknown' ? [{ type: 'MeterEnrolled', data: { meterId, certificate, asset, at } }] : [];
  }
  if (state.status === 'unknown') throw new JoulekeepError('ERR_METER_UNKNOWN', `${command.type} for a meter that is not enrolled`);
  return decideKnown(command, state);
}

function decideKnown(command: KnownCommand, state: KnownMeter): readonly MeterEvent[] {
  switch (command.type) {
    case 'AssignSegment':
      return assignSegment(state, command.segment);
    case 'MoveSegment':
      return moveSegment(state, command.from, command.to);
    case 'AssignRelay':
      return assignRelay(state.relays, command.dcId, command.from);
    case 'UnassignRelay':
      return unassignRelay(state.relays, command.dcId, command.until);
    case 'RenewCertificate':
      return renewCertificate(state, command.certificate, command.at);
    case 'ReportCounterReuse': {
      const { epoch, counter, at } = command;
      return incident(state, counterIncident(epoch, counter), { type: 'CounterReused', data: { epoch, counter, at } });
    }
    case 'ReportTamper': {
      const { code, at } = command;
      return incident(state, tamperIncident(code, at), { type: 'TamperReported', data: { code, at } });
    }
    case 'ActivateMeter':
    case 'Quarantine':
    case 'Release':
    case 'Retire':
      return decideStanding(command, state);
    default:
      return decideEpoch(command, state);
  }
}

function decideEpoch(command: EpochCommand, state: KnownMeter): readonly MeterEvent[] {
  switch (command.type) {
    case 'ProposeEpoch':
      return proposeEpoch(state, command);
    case 'RefuseHello':
      return state.status === 'retired' ? [] : refuse(state.refusals, command);
    case 'ActivateEpoch':
      return activateEpoch(state, command.epoch, command.at);
    case 'CloseEpoch':
      return closeEpoch(state, command.epoch, command.at);
    case 'DestroyEpoch':
      return destroyEpoch(state, command.epoch, command.at);
    case 'MarkEpochOverdue':
      return markEpochOverdue(state, command.epoch, command.at);
    default:
      return never(command);
  }
}

function decideStanding(command: StandingCommand, state: KnownMeter): readonly MeterEvent[] {
  switch (command.type) {
    case 'ActivateMeter':
      return state.status === 'enrolled' ? [{ type: 'MeterActivated', data: { at: command.at } }] : [];
    case 'Quarantine':
      if (state.status === 'quarantined' || state.status === 'retired') return [];
      return [{ type: 'MeterQuarantined', data: { reason: command.reason, at: command.at } }];
    case 'Release': {
      const { type: _, ...released } = command;
      return state.status === 'quarantined' ? [{ type: 'MeterReleased', data: released }] : [];
    }
    case 'Retire': {
      const { type: _, ...ended } = command;
      return state.status === 'retired' ? [] : [{ type: 'MeterRetired', data: ended }];
    }
    default:
      return never(command);
  }
}

/** Enrolment gives the segment once: what is moved later is fenced in the segments' own streams and told by MoveSegment. @throws ERR_SEGMENT_FIXED */
function assignSegment(state: KnownMeter, segment: string): MeterEvent[] {
  if (state.segment === segment) return [];
  if (state.segment !== undefined) throw new JoulekeepError('ERR_SEGMENT_FIXED', `in segment ${state.segment} since enrolment`);
  return [{ type: 'SegmentAssigned', data: { segment } }];
}

/** @throws ERR_SEGMENT_FIXED when the meter is in neither of the two */
function moveSegment(state: KnownMeter, from: string, to: string): MeterEvent[] {
  if (state.segment === to) return [];
  if (state.segment !== from) throw new JoulekeepError('ERR_SEGMENT_FIXED', `in segment ${state.segment}, not in ${from}`);
  return [{ type: 'SegmentAssigned', data: { segment: to } }];
}

/** The ladder decides, not what the handler saw before it agreed the secret: another HELLO may have won meanwhile. */
function proposeEpoch(state: KnownMeter, command: ProposeEpoch): readonly MeterEvent[] {
  const verdict = judgeHello(state, command);
  switch (verdict.verdict) {
    case 'repeat':
      return [];
    case 'refused': {
      const refusal: EpochRefused = { reason: verdict.reason, hash: command.signedHash, at: command.at };
      return state.status === 'retired' ? [] : refuse(state.refusals, { type: 'RefuseHello', ...refusal });
    }
    case 'fresh': {
      const { type: _type, ...proposed } = command;
      return [{ type: 'EpochProposed', data: proposed }];
    }
    default:
      return never(verdict);
  }
}

/** @throws ERR_METER_RETIRED */
function renewCertificate(state: KnownMeter, certificate: Uint8Array, at: number): MeterEvent[] {
  if (state.status === 'retired') throw new JoulekeepError('ERR_METER_RETIRED', 'a retired meter gets no certificate');
  const { certificate: current } = state.identity;
  if (current.length === certificate.length && current.every((byte, index) => byte === certificate[index])) return [];
  return [{ type: 'CertificateRenewed', data: { certificate, at } }];
}

/** Once per incident; what a flood of them adds beyond the memory of 16 is the segment's to count. */
function incident(state: KnownMeter, key: string, event: MeterEvent): MeterEvent[] {
  if (state.incidents.includes(key)) return [];
  const alike = state.incidents.filter((known) => known.startsWith(key.slice(0, key.lastIndexOf('/')))).length;
  return alike >= RECORDING.incidents / 2 ? [] : [event];
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
