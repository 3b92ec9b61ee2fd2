import type { CallerList } from '../../platform/ports/caller-list.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { type ApiHandler, apiHandler } from '../http/api-handler.ts';
import { answerCall, type UseCases } from '../http/desk.ts';
import { WarmStreams } from '../shared/streams.ts';
import { askVerification } from './ask-verification.ts';
import type { ConsoleDesk } from './desk.ts';
import { showFeeders } from './feeders.ts';
import { replayFeed, showFeeds } from './feeds.ts';
import { showIngest } from './ingest.ts';
import { showKeys } from './keys.ts';
import { showOverview } from './overview.ts';
import { listQuarantined } from './quarantines.ts';

const USE_CASES: UseCases<'console-api', ConsoleDesk> = {
  showOverview,
  showIngest,
  showFeeders,
  listQuarantined,
  showFeeds,
  replayFeed,
  showKeys,
  askVerification,
};
const DELIVERIES = 1_000;

/** What those who run the service look at: counts, places, and which devices are cut off. It has no key to anything of a subject. @source X.1332 10.1 */
export const makeConsoleApi =
  (callers: CallerList) =>
  (platform: Platform, _defences: Defences): ApiHandler => {
    const deliveries: ConsoleDesk['deliveries'] = new WarmStreams(DELIVERIES);
    return apiHandler('console-api', platform, (logged) => (event) => answerCall({ ...logged, callers, deliveries }, event, USE_CASES));
  };
