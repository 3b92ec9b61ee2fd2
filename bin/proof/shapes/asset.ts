import * as z from 'zod';
import { Count, Finite, Instant, Name } from './values.ts';

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
  intervalMinutes: Count,
  channels: z.array(Channel),
  fuseW: Finite,
  zone: Name,
  areaLeaf: Name,
  meterClass: MeterClass.exactOptional(),
});
