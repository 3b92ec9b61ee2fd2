import type { AssetRecord, Channel, DomainEvent, TenancyCut, UsagePointEvent } from '../../events/index.ts';

export const DAY = 86_400_000;
export const MIDNIGHT = Date.UTC(2026, 2, 1);
export const METER = '00124b0000000001';
export const OTHER_METER = '00124b0000000002';

export function channelOf(obis: string, other: Partial<Channel> = {}): Channel {
  return { obis, direction: 'import', unit: 'Wh', scale: 1, dials: 8, multiplier: 1, validFrom: 0, ...other };
}

export const ASSET: AssetRecord = {
  intervalMinutes: 15,
  channels: [channelOf('1-0:1.8.0')],
  fuseW: 23_000,
  zone: 'Europe/London',
  areaLeaf: 'north-1',
};
export const EXPORT_ASSET: AssetRecord = { ...ASSET, channels: [channelOf('1-0:2.8.0', { direction: 'export' })] };

/** Channels of a meter, as a bill names them of days that were not final. */
export function namesOf({ channels }: AssetRecord): Pick<Channel, 'obis' | 'direction' | 'unit'>[] {
  return channels.map(({ obis, direction, unit }) => ({ obis, direction, unit }));
}

export const OPENED: UsagePointEvent = {
  type: 'UsagePointOpened',
  data: { usagePoint: 'up-1', premises: 'p-1', zone: 'Europe/London', areaLeaf: 'north-1', meterClass: 'residential', at: MIDNIGHT },
};

export function installed(meterId = METER, from = MIDNIGHT, asset = ASSET): UsagePointEvent {
  return { type: 'MeterInstalled', data: { meterId, from, asset, registers: [{ channel: 0, counts: 17 }], at: from } };
}

export function removed(meterId = METER, until = MIDNIGHT + 9 * DAY): UsagePointEvent {
  return { type: 'MeterRemoved', data: { meterId, until, registers: [{ channel: 0, counts: 4_711 }], at: until } };
}

export function cut(subject: string, from: number): UsagePointEvent {
  return { type: 'TenancyCut', data: { subject, from, at: from } };
}

export function cuts(...list: readonly [subject: string, from: number][]): TenancyCut[] {
  return list.map(([subject, from]) => ({ subject, from }));
}

interface AnyDecider<State, Command> {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => readonly DomainEvent[];
  readonly evolve: (state: State, event: DomainEvent) => State;
}

export function stateAfter<State, Command>(decider: AnyDecider<State, Command>, ...past: readonly DomainEvent[]): State {
  return past.reduce(decider.evolve, decider.initial);
}

/** Given events, when a command, then these events. */
export function decided<State, Command>(
  decider: AnyDecider<State, Command>,
  past: readonly DomainEvent[],
  command: Command,
): readonly DomainEvent[] {
  return decider.decide(command, stateAfter(decider, ...past));
}

/** Given events, when a command, then this error code. */
export function refusal<State, Command>(
  decider: AnyDecider<State, Command>,
  past: readonly DomainEvent[],
  command: Command,
): string | undefined {
  try {
    decided(decider, past, command);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}
