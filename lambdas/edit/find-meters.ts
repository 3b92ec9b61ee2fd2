import type { FoundMeters } from '../../api/console.ts';
import { account } from '../../domain/account/account.ts';
import { usagePoint } from '../../domain/usagepoint/usagepoint.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Answer } from '../http/answers.ts';
import type { Call } from '../http/call.ts';
import { instant } from '../http/instants.ts';
import { foldStream } from '../shared/streams.ts';

/** Of one account: a customer with more has a list elsewhere. */
const MOST_POINTS = 50;

/**
 * Meters of a usage point, or of all usage points that an account has or had, those that hang there now first. Nobody's readings are opened. None where nothing goes by
 * that name.
 */
export async function findMeters(platform: Platform, { query: { of } }: Call<'findMeters'>): Promise<Answer> {
  const { state } = await foldStream(platform.events, `account/${of}`, account);
  const points = state.status === 'unopened' ? [of] : Object.keys(state.tenancies).slice(0, MOST_POINTS);
  const found = await Promise.all(points.map((point) => metersAt(platform, point)));
  const meters = found.flat().sort((one, other) => Number(one.until !== undefined) - Number(other.until !== undefined));
  return { body: { meters } satisfies FoundMeters };
}

async function metersAt({ events }: Platform, id: string): Promise<FoundMeters['meters']> {
  const { state } = await foldStream(events, `usagepoint/${id}`, usagePoint);
  if (state.status === 'unopened') return [];
  return state.installations.map(({ meterId, from, until }) => ({
    ...{ meterId, usagePoint: id, from: instant(from) },
    ...(until === undefined ? {} : { until: instant(until) }),
  }));
}
