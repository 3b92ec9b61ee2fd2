import type { Service } from '../service.ts';
import { writeBillingView } from './billing-view.ts';
import type { TownClock } from './clock.ts';
import type { Closing } from './closing.ts';
import { followTown, writeFollowed } from './display-view.ts';
import { writeOperatorView } from './operator-view.ts';

interface Views {
  readonly service: Service;
  readonly clock: TownClock;
  readonly stateDir: string;
  readonly zone: string;
  readonly closing: Closing;
}

/** What each audience got of the days that were closed: operator, billing, a home's display. */
export async function writeAudiences({ service, clock, stateDir, zone, closing }: Views, say: (line: string) => void): Promise<void> {
  const { platform } = service;
  // Bills were issued a moment ago, and go their way to the billing system.
  await service.settle();
  await writeOperatorView(platform.as('operator-api'), closing.window.until, say);
  await writeBillingView(platform.as('billing-api'), say);
  writeFollowed(await followTown(service, clock, stateDir, zone), say);
}
