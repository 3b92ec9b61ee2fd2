import {
  type DomainEvent,
  JoulekeepError,
  type MoveRead,
  type MultiplierCorrected,
  type TenancyCorrected,
  type TenancyCut,
  type UsagePointEvent,
} from '../../events/index.ts';
import { checkGrid, minutesAt } from './grid.ts';
import { checkRegisters, ended, installMeter, notHere, removeMeter } from './installing.ts';
import { installationAt } from './queries.ts';
import { switched, switchSupply } from './supply.ts';
import { corrected, subjectAt } from './tenancy.ts';
import type { UsagePointCommand } from './usagepoint-command.ts';
import { type OpenUsagePoint, UNOPENED, type UsagePointState } from './usagepoint-state.ts';

/**
 * Decider of stream `usagepoint/<id>`: what a bill follows. `[]` means already done.
 * @throws ERR_POINT_UNKNOWN for every command but OpenUsagePoint before it is opened, ERR_OFF_GRID, and what each rule says
 */
export const usagePoint = { initial: UNOPENED, decide: decideUsagePoint, evolve: evolveUsagePoint };

function decideUsagePoint(command: UsagePointCommand, state: UsagePointState): readonly UsagePointEvent[] {
  if (command.type === 'OpenUsagePoint') {
    const { usagePoint: id, premises, zone, areaLeaf, meterClass, at } = command;
    if (state.status === 'open') return [];
    return [{ type: 'UsagePointOpened', data: { usagePoint: id, premises, zone, areaLeaf, meterClass, at } }];
  }
  if (state.status === 'unopened') throw new JoulekeepError('ERR_POINT_UNKNOWN', `${command.type}: there is no such usage point`);
  return decideOpen(command, state);
}

function decideOpen(command: Exclude<UsagePointCommand, { type: 'OpenUsagePoint' }>, state: OpenUsagePoint): readonly UsagePointEvent[] {
  switch (command.type) {
    case 'InstallMeter':
      return installMeter(state, command);
    case 'RemoveMeter':
      return removeMeter(state, command);
    case 'CorrectMultiplier':
      return correctMultiplier(state, command);
    case 'DisconnectSupply':
    case 'ReconnectSupply':
      return switchSupply(state, command.type === 'ReconnectSupply', command);
    case 'CutTenancy':
      return cutTenancy(state, command);
    case 'CorrectTenancy':
      return correctTenancy(state, command);
    case 'RecordMoveRead':
      return recordMoveRead(state, command);
    case 'AssignTariff': {
      const { tariff, from, at } = command;
      const known = state.tariffs.find((one) => one.from === from);
      return known?.tariff === tariff ? [] : [{ type: 'TariffAssigned', data: { tariff, from, at } }];
    }
    default:
      return never(command);
  }
}

/** @throws ERR_METER_NOT_HERE, ERR_MULTIPLIER */
function correctMultiplier(state: OpenUsagePoint, command: MultiplierCorrected): UsagePointEvent[] {
  const { meterId, channel, multiplier, validFrom, reason, by, at } = command;
  const held = installationAt(state, meterId, validFrom);
  if (held?.asset.channels[channel] === undefined) throw notHere(meterId);
  checkGrid(validFrom, held.asset.intervalMinutes, 'a multiplier is valid from');
  if (!Number.isFinite(multiplier) || multiplier <= 0) throw new JoulekeepError('ERR_MULTIPLIER', 'a multiplier is more than 0');
  const known = state.multipliers.findLast((one) => one.meterId === meterId && one.channel === channel && one.validFrom === validFrom);
  if (known?.multiplier === multiplier) return [];
  return [{ type: 'MultiplierCorrected', data: { meterId, channel, multiplier, validFrom, reason, by, at } }];
}

/** Only forward: what lies before the latest cut is corrected, with a reason. @throws ERR_TENANCY_ORDER */
function cutTenancy(state: OpenUsagePoint, { subject, from, at }: TenancyCut & { readonly at: number }): UsagePointEvent[] {
  const last = state.tenancy.at(-1);
  const known = state.tenancy.some((one) => one.subject === subject && one.from === from);
  if (known || (subject === subjectAt(state.tenancy, from) && (last === undefined || from >= last.from))) return [];
  if (last !== undefined && from <= last.from)
    throw new JoulekeepError('ERR_TENANCY_ORDER', 'a later tenancy is recorded already: correct the tenancy instead');
  checkGrid(from, minutesAt(state, from), 'a tenancy is cut');
  return [{ type: 'TenancyCut', data: { subject, from, at } }];
}

/** @throws ERR_TENANCY_ORDER unless the cuts rise and none lies before `since` */
function correctTenancy(state: OpenUsagePoint, { since, cuts, reason, by, at }: TenancyCorrected): UsagePointEvent[] {
  if (cuts.some(({ from }, i) => from < (i === 0 ? since : cuts[i - 1]!.from + 1)))
    throw new JoulekeepError('ERR_TENANCY_ORDER', 'cuts rise, and none lies before the instant from which they count');
  for (const { from } of cuts) checkGrid(from, minutesAt(state, from), 'a tenancy is cut');
  const after = corrected(state.tenancy, since, cuts);
  if (sameCuts(after, state.tenancy)) return [];
  return [{ type: 'TenancyCorrected', data: { since, cuts, reason, by, at } }];
}

const RANK = { interpolated: 0, measured: 1, agreed: 2 } as const;

/**
 * The reading at a move. A measured one replaces an interpolated one, an agreed one any; an agreed one has somebody's name.
 * @throws ERR_METER_NOT_HERE, ERR_REGISTER_UNKNOWN, ERR_MOVE_READ
 */
function recordMoveRead(state: OpenUsagePoint, { meterId, instant, registers, kind, by, at }: MoveRead): UsagePointEvent[] {
  const held = installationAt(state, meterId, instant) ?? installationAt(state, meterId, instant - 1);
  if (held === undefined) throw notHere(meterId);
  checkGrid(instant, held.asset.intervalMinutes, 'a reading at a move is taken');
  checkRegisters(held.asset, registers);
  if (kind === 'agreed' && by === undefined) throw new JoulekeepError('ERR_MOVE_READ', 'an agreed reading names who agreed');
  const known = state.moveReads.findLast((read) => read.meterId === meterId && read.instant === instant);
  if (known !== undefined && (RANK[known.kind] > RANK[kind] || sameRead(known, { registers, kind }))) return [];
  return [{ type: 'MoveRead', data: { meterId, instant, registers, kind, at, ...(by !== undefined && { by }) } }];
}

function evolveUsagePoint(state: UsagePointState, event: DomainEvent): UsagePointState {
  if (event.type === 'UsagePointOpened') {
    const { at: _at, ...opened } = event.data;
    return { status: 'open', ...opened, installations: [], multipliers: [], disconnections: [], tenancy: [], moveReads: [], tariffs: [] };
  }
  return state.status === 'open' ? evolveOpen(state, event) : state;
}

function evolveOpen(state: OpenUsagePoint, event: DomainEvent): OpenUsagePoint {
  switch (event.type) {
    case 'MeterInstalled': {
      const { meterId, from, asset, registers } = event.data;
      const installations = [...state.installations, { meterId, from, asset, initial: registers, final: [] }];
      return { ...state, installations: installations.sort((a, b) => a.from - b.from) };
    }
    case 'MeterRemoved':
      return { ...state, installations: ended(state.installations, event.data) };
    case 'MultiplierCorrected': {
      const { at: _at, ...correction } = event.data;
      return { ...state, multipliers: [...state.multipliers, correction] };
    }
    case 'SupplyDisconnected':
    case 'SupplyReconnected': {
      const on = event.type === 'SupplyReconnected';
      return { ...state, disconnections: switched(state.disconnections, on, event.data.instant) };
    }
    case 'TenancyCut':
      return { ...state, tenancy: corrected(state.tenancy, event.data.from, [{ subject: event.data.subject, from: event.data.from }]) };
    case 'TenancyCorrected':
      return { ...state, tenancy: corrected(state.tenancy, event.data.since, event.data.cuts) };
    case 'MoveRead': {
      const { at: _at, ...read } = event.data;
      const others = state.moveReads.filter((one) => one.meterId !== read.meterId || one.instant !== read.instant);
      return { ...state, moveReads: [...others, read].sort((a, b) => a.instant - b.instant) };
    }
    case 'TariffAssigned': {
      const { tariff, from } = event.data;
      const others = state.tariffs.filter((one) => one.from !== from);
      return { ...state, tariffs: [...others, { tariff, from }].sort((a, b) => (a.from < b.from ? -1 : 1)) };
    }
    default:
      return state;
  }
}

function sameCuts(one: readonly TenancyCut[], other: readonly TenancyCut[]): boolean {
  return one.length === other.length && one.every(({ subject, from }, i) => other[i]!.subject === subject && other[i]!.from === from);
}

function sameRead(one: Pick<MoveRead, 'registers' | 'kind'>, other: Pick<MoveRead, 'registers' | 'kind'>): boolean {
  if (one.kind !== other.kind || one.registers.length !== other.registers.length) return false;
  return one.registers.every(({ channel, counts }, i) => other.registers[i]!.channel === channel && other.registers[i]!.counts === counts);
}

function never(value: never): never {
  throw new JoulekeepError('ERR_COMMAND_UNKNOWN', JSON.stringify(value));
}
