import type { NemQuality } from '../exchange/nem/model.ts';
import { refused } from '../exchange/refused.ts';
import type { Slot } from '../exchange/slots.ts';

/** Flag of a slot as recorded: what telemetry has is measured or not there. @throws ERR_EXPORT_REFUSED on an estimate or edit */
export function aemoQuality({ source, energyWh }: Slot): NemQuality {
  if (source !== 'measured' && source !== 'missing') throw refused(`a slot of source ${source} has no AEMO method here`);
  const flag = source === 'measured' && energyWh !== null ? 'A' : 'N';
  return { flag, method: null, reasonCode: null, reasonText: '' };
}
