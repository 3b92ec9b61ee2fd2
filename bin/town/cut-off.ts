import type { StockMeter } from '../../devices/fleet/protocol.ts';
import { meter } from '../../domain/enrolment/meter.ts';
import { foldStream } from '../../lambdas/shared/streams.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { instant } from './play.ts';

/** Which meters that hang nowhere the service does not hear any more, since when and why: what to look for at the console. */
export async function writeCutOff(
  { events }: Pick<Platform, 'events'>,
  meters: readonly StockMeter[],
  say: (line: string) => void,
): Promise<void> {
  for (const { meterId } of meters.filter(({ spare }) => spare)) {
    const { state } = await foldStream(events, `meter/${meterId}`, meter);
    if (state.status !== 'quarantined') continue;
    say('');
    say(`Quarantined since ${instant(state.since)} (${state.reason}): meter ${meterId}, a spare that somebody took from the workshop`);
  }
}
