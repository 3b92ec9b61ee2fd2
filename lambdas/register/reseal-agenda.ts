import type { Platform } from '../../platform/ports/platform.ts';

const PREFIX = 'reseal-due/';
const DUE = Buffer.from('1');
const SETTLED = Buffer.from('0');

/** Notes that days of a usage point may lie under the wrong key. Only a hint where to look: streams and key table say what is owed. */
export async function noteReseal(platform: Platform, usagePoint: string): Promise<void> {
  await platform.directory.put([{ key: PREFIX + usagePoint, value: DUE }]);
}

export async function settleReseal(platform: Platform, usagePoint: string): Promise<void> {
  await platform.directory.put([{ key: PREFIX + usagePoint, value: SETTLED }]);
}

/** Usage points to look at. */
export async function resealsDue(platform: Platform): Promise<string[]> {
  const due: string[] = [];
  for await (const { key, value } of platform.directory.list(PREFIX)) if (value.equals(DUE)) due.push(key.slice(PREFIX.length));
  return due;
}

/** Notes every usage point there is, after the directory was lost. */
export async function rebuildResealAgenda(platform: Platform): Promise<void> {
  for await (const stream of platform.events.streams('usagepoint/')) await noteReseal(platform, stream.slice('usagepoint/'.length));
}
