import type { ChaosTown } from './protocol.ts';
import type { Devices, Stage } from './stage.ts';

/** Ten segments and forty HELLOs ask once each at least. */
const LEAST_REFUSED = 50;
const FRAMES_PER_SECOND = 250;

/** Frames of meters whose keys no worker has in memory, and HELLOs: every one of them needs the key service. */
export async function arrive(stage: Stage, devices: Devices, seconds: number): Promise<void> {
  await stage.greet(devices, seconds / 2);
  await stage.send(devices, FRAMES_PER_SECOND, seconds / 2);
}

/** What was not made up for, and whether the outage was one: half of the segments and every HELLO ask at least once. */
export function unanswered({ newcomers }: ChaosTown, agreed: number, refused: number): string[] {
  const faults: string[] = [];
  if (refused < LEAST_REFUSED) faults.push(`${refused} calls were refused while half of the town came: that is no outage`);
  if (agreed < newcomers.length) faults.push(`${newcomers.length - agreed} of ${newcomers.length} HELLOs were never answered`);
  return faults;
}
