import { fraction, roundHalfEven } from '../tariff/money.ts';
import type { ReactiveCharge } from '../tariff/tariff.ts';
import { sumOf } from './flows.ts';
import { type ChargeLine, chargeLine, perThousand } from './lines.ts';
import { IMPORT_WH, type Stretch } from './stretch.ts';

/** Reactive energy of a stretch beyond the free share of its active energy, that share to the nearest varh. */
export function reactiveLine({ code, priceMicroPerKvarh, freePerMille, taxGroup }: ReactiveCharge, stretch: Stretch): ChargeLine {
  const varh = sumOf(stretch.flow({ direction: 'import', unit: 'varh' }));
  const free = roundHalfEven(fraction(sumOf(stretch.flow(IMPORT_WH)) * BigInt(freePerMille), 1000n)).whole;
  const excess = varh > free ? varh - free : 0n;
  return chargeLine({
    code: `reactive/${code}`,
    quantity: excess,
    unit: 'varh',
    priceMicro: priceMicroPerKvarh,
    exact: perThousand(excess * priceMicroPerKvarh),
    taxGroup,
  });
}
