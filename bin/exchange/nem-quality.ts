import { toAemo } from '../../domain/vee/quality.ts';
import { SCALED, SLOT_SOURCES } from '../../events/index.ts';
import { SCALED_MARK } from '../../exchange/csv/readings-writer.ts';
import type { NemQuality } from '../../exchange/nem/model.ts';
import type { Slot } from '../../exchange/slots.ts';

/** Free text. @source MDFF NEM12 & NEM13, appendix F */
const DESCRIBED = 0;
/** MDFF has no quoting. */
const UNWRITABLE = /[,\p{Cc}]/gu;

/** Flag and method of a slot by the one table of qualities. What is no measurement says why: the edit's reason, or the method here. */
export function nemQuality({ source, scaled, final, edit }: Slot): NemQuality {
  const byte = SLOT_SOURCES.indexOf(source) | (scaled ? SCALED : 0);
  const { flag, method } = toAemo({ source: byte, final });
  if (method === null) return { flag, method, reasonCode: null, reasonText: '' };
  const why = edit?.reason.replaceAll(UNWRITABLE, ' ').trim();
  return { flag, method, reasonCode: DESCRIBED, reasonText: why || `${source}${scaled ? SCALED_MARK : ''}` };
}
