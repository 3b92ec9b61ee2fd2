import type { QuarantinedDevices } from '../../api/devices.ts';
import { AREA_ZONE } from '../../topology/forecasting.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { instant } from '../http/instants.ts';
import { CUT_OFF, QUARANTINE_KIND, QUARANTINES, type Quarantine } from '../project/device-projection.ts';
import { cutOffBody, namedDevice } from '../shared/devices/cut-off.ts';
import type { ConsoleDesk } from './desk.ts';

type Row = QuarantinedDevices['devices'][number];

const PAGE = 100;
const LIST = 'quarantines';
/** Behind every name of a device. */
const END = '~';

/** Devices that are cut off, from the read model: no stream is opened. @throws ERR_CURSOR_REFUSED */
export async function listQuarantined(desk: ConsoleDesk, { caller, query }: Call<'listQuarantined'>): Promise<Answer> {
  const after = query.cursor === undefined ? '' : (await openCursor<{ thing: string }>(desk.kms, caller.person, LIST, query.cursor)).thing;
  const found: { thing: string; quarantine: Quarantine }[] = [];
  for await (const { sort: thing, value } of desk.models.table(QUARANTINES).range(CUT_OFF, after, END)) {
    if (thing === after) continue;
    found.push({ thing, quarantine: QUARANTINE_KIND.read(value) });
    if (found.length > PAGE) break;
  }
  const page = found.slice(0, PAGE);
  const body: QuarantinedDevices = { asOf: instant(desk.clock.now()), zone: AREA_ZONE, devices: page.map(rowOf) };
  if (found.length <= PAGE) return { body };
  return { body: { ...body, cursor: await sealCursor(desk.kms, caller.person, LIST, { thing: page.at(-1)!.thing }) } };
}

function rowOf({ thing, quarantine }: { readonly thing: string; readonly quarantine: Quarantine }): Row {
  return { ...namedDevice(thing), ...cutOffBody(quarantine) };
}
