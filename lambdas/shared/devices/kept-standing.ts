import type { MeterEvent, RelayEvent } from '../../../events/index.ts';
import type { Platform } from '../../../platform/ports/platform.ts';
import { type DeviceWord, keepWord } from '../kept-words.ts';

type Keeper = Pick<Platform, 'keys' | 'clock'>;
type DeviceEvent = MeterEvent | RelayEvent;

/**
 * For whoever cuts a device off: keeps it beside the stream, before the stream says so. Where the process ends in between, it has ended for any restore.
 * @source X.1332 10.1 (access control)
 */
export function keepingCutOff(keeper: Keeper, kind: 'meter' | 'relay', id: string) {
  const before = async (events: readonly DeviceEvent[]): Promise<void> => {
    for (const event of events) {
      const word = cutOff(event, keeper.clock.now());
      if (word !== undefined) await keepWord(keeper, kind, id, word);
    }
  };
  return { before };
}

/** For whoever lets a device in again: kept behind the stream, so that a word without its event gives nothing back. */
export async function keepLetIn(keeper: Keeper, kind: 'meter' | 'relay', id: string, events: readonly DeviceEvent[]): Promise<void> {
  for (const { type, data } of events)
    if (type === 'MeterReleased' || type === 'RelayReleased') await keepWord(keeper, kind, id, { said: 'released', ...data });
}

function cutOff({ type, data }: DeviceEvent, at: number): DeviceWord | undefined {
  if (type === 'MeterQuarantined' || type === 'RelayQuarantined') return { said: 'quarantined', reason: data.reason, since: data.at, at };
  return type === 'MeterRetired' ? { said: 'retired', ...data } : undefined;
}
