import * as z from 'zod';
import { LocalDate } from '../../../api/common.ts';
import type { AccountEvent } from '../../../events/index.ts';
import { AssetRecord } from './asset.ts';
import { eventsOf } from './events-of.ts';
import { ChannelNumber, Finite, Instant, Name, Whole } from './values.ts';

const TenancySpan = z.strictObject({ from: Instant, until: Instant.exactOptional() });

const PointStated = z.strictObject({
  usagePoint: Name,
  // -1 where nothing of the usage point is known yet.
  through: Whole.min(-1),
  spans: z.array(TenancySpan),
  meters: z.array(z.strictObject({ meterId: Name, from: Instant, until: Instant.exactOptional(), asset: AssetRecord })),
  multipliers: z.array(z.strictObject({ meterId: Name, channel: ChannelNumber, multiplier: Finite, validFrom: Instant })),
  tariffs: z.array(z.strictObject({ tariff: Name, from: LocalDate })),
  at: Instant,
});

export const ACCOUNT_EVENT = eventsOf<AccountEvent>()({
  AccountOpened: z.strictObject({ accountId: Name, at: Instant }),
  TenancyStarted: z.strictObject({ usagePoint: Name, from: Instant, at: Instant }),
  TenancyEnded: z.strictObject({ usagePoint: Name, until: Instant, at: Instant }),
  TenancyAmended: z.strictObject({ usagePoint: Name, spans: z.array(TenancySpan), at: Instant }),
  PointStated,
  AccountClosed: z.strictObject({ at: Instant }),
});
