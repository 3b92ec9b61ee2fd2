import * as z from 'zod';
import { LocalDate } from '../../../api/common.ts';
import type { TariffEvent } from '../../../events/index.ts';
import { eventsOf } from './events-of.ts';
import { Instant, Name, Ordinal, Words } from './values.ts';

export const TARIFF_EVENT = eventsOf<TariffEvent>()({
  TariffPublished: z.strictObject({
    tariff: Name,
    version: Ordinal,
    from: LocalDate,
    document: Words,
    series: z.array(z.strictObject({ name: Name, key: Name })).exactOptional(),
    at: Instant,
  }),
});
