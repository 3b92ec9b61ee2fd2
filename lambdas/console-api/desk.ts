import type { DeliveryState } from '../../domain/delivery/delivery.ts';
import type { CallerList } from '../../platform/ports/caller-list.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { WarmStreams } from '../shared/streams.ts';

/** What the pages of the console are made with. */
export interface ConsoleDesk extends Platform {
  readonly callers: CallerList;
  /** How deliveries stood when they were last looked at. */
  readonly deliveries: WarmStreams<DeliveryState>;
}
