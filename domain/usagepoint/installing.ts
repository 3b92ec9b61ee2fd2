import {
  type AssetRecord,
  JoulekeepError,
  type MeterInstalled,
  type MeterRemoved,
  type RegisterRead,
  type UsagePointEvent,
} from '../../events/index.ts';
import { checkGrid } from './grid.ts';
import type { Installation, OpenUsagePoint } from './usagepoint-state.ts';

/**
 * A meter from an instant on. Two meters may hang side by side as long as no register is counted twice.
 * @throws ERR_OFF_GRID, ERR_CHANNEL_TAKEN, ERR_REGISTER_UNKNOWN
 */
export function installMeter(state: OpenUsagePoint, { meterId, from, asset, registers, at }: MeterInstalled): UsagePointEvent[] {
  const same = state.installations.find((held) => held.meterId === meterId && held.from === from);
  if (same !== undefined) return [];
  checkGrid(from, asset.intervalMinutes, 'a meter is installed');
  for (const cut of state.tenancy) if (cut.from > from) checkGrid(cut.from, asset.intervalMinutes, 'a tenancy is cut');
  const rival = state.installations.find((held) => (held.until ?? Infinity) > from && sharesRegister(held.asset, asset));
  if (rival !== undefined)
    throw new JoulekeepError('ERR_CHANNEL_TAKEN', `meter ${rival.meterId} measures the same here at that time: remove it first`);
  checkRegisters(asset, registers);
  return [{ type: 'MeterInstalled', data: { meterId, from, asset, registers, at } }];
}

/** @throws ERR_METER_NOT_HERE, ERR_OFF_GRID, ERR_REMOVED_BEFORE_INSTALLED, ERR_REGISTER_UNKNOWN */
export function removeMeter(state: OpenUsagePoint, { meterId, until, registers, at }: MeterRemoved): UsagePointEvent[] {
  const last = state.installations.findLast((held) => held.meterId === meterId);
  if (last === undefined) throw notHere(meterId);
  if (last.until !== undefined) {
    if (last.until === until) return [];
    throw notHere(meterId);
  }
  checkGrid(until, last.asset.intervalMinutes, 'a meter is removed');
  if (until <= last.from) throw new JoulekeepError('ERR_REMOVED_BEFORE_INSTALLED', `meter ${meterId} was not yet installed then`);
  checkRegisters(last.asset, registers);
  return [{ type: 'MeterRemoved', data: { meterId, until, registers, at } }];
}

export function notHere(meterId: string): JoulekeepError {
  return new JoulekeepError('ERR_METER_NOT_HERE', `meter ${meterId} is not installed at this usage point at that time`);
}

/** @throws ERR_REGISTER_UNKNOWN */
export function checkRegisters({ channels }: AssetRecord, registers: readonly RegisterRead[]): void {
  for (const { channel, counts } of registers) {
    const asset = channels[channel];
    if (asset === undefined || !Number.isSafeInteger(counts) || counts < 0 || counts >= 10 ** asset.dials)
      throw new JoulekeepError(
        'ERR_REGISTER_UNKNOWN',
        `register ${counts} of channel ${channel}: no such channel, or more digits than it has`,
      );
  }
}

/** Evolve: ends the time of the meter that hangs there. */
export function ended(installations: readonly Installation[], { meterId, until, registers }: MeterRemoved): Installation[] {
  const last = installations.findLastIndex((held) => held.meterId === meterId && held.until === undefined);
  return installations.map((held, i) => (i === last ? { ...held, until, final: registers } : held));
}

function sharesRegister(one: AssetRecord, other: AssetRecord): boolean {
  return one.channels.some(({ obis }) => other.channels.some((channel) => channel.obis === obis));
}
