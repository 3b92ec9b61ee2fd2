import * as z from 'zod';
import { Count, Finite, Instant, Minutes, Name } from './values.ts';

export const ChannelUnit = z.enum(['Wh', 'varh', 'VAh']);
export const Direction = z.enum(['import', 'export']);
export const MeterClass = z.enum(['residential', 'commercial', 'grid']);

export const Channel = z.strictObject({
  obis: Name,
  direction: Direction,
  unit: ChannelUnit,
  scale: Finite,
  dials: Count,
  multiplier: Finite,
  validFrom: Instant,
});

export const AssetRecord = z.strictObject({
  intervalMinutes: Minutes,
  channels: z.array(Channel),
  fuseW: Finite,
  zone: Name,
  areaLeaf: Name,
  meterClass: MeterClass.exactOptional(),
});
