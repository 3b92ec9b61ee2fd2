import type { AreaItem } from '../../domain/demand/area.ts';
import { LATENCY_MS } from '../../domain/demand/lateness.ts';
import { quarterEnd, quarterStart } from '../../domain/demand/quarter.ts';
import { bandOf, type FeedStatement } from '../../events/catalogue/feed-item.ts';
import type { AreaDemand, AreaForecastTold, AreaPartitioned, Counts, DoubtCause, EnergyApart, PublishedArea } from '../../events/index.ts';
import { type ForecastPayload, forecastPayload } from '../forecast/payload.ts';
import { OPERATOR_PURPOSE } from '../shared/feeds/operator-feed.ts';

/** A small share, told in bands as well, percent. */
export type ShareBand = '<=1' | '1-5' | '5-10' | '>10';

/** What every item says. */
interface Said {
  /** What the operator may use it for. */
  readonly purpose: typeof OPERATOR_PURPOSE;
  /** An interval is told so long after its end: meters report no sooner. */
  readonly latencySeconds: number;
}

/** What an item carries beside its place and its statement. No meter, no customer, no field that could carry one; numbers of homes in bands. */
export type OperatorBody = Said &
  (
    | {
        readonly kind: 'demand' | 'revision';
        readonly area: string;
        /** Sums of measurements that passed validation; what was estimated or is held is in none of them. */
        readonly netWh: number;
        /** Only where the homes that feed in pass the gate by themselves. */
        readonly apart?: EnergyApart;
        /** Share of values that came and were held. */
        readonly held: ShareBand;
      }
    | { readonly kind: 'suppressed'; readonly area: string; readonly because: string }
    | { readonly kind: 'doubt'; readonly area: string; readonly causes: readonly DoubtCause[] }
    | ForecastPayload
    | {
        readonly kind: 'partition';
        readonly quarter: string;
        readonly part: number;
        readonly parts: number;
        readonly areas: readonly (Pick<PublishedArea, 'area' | 'leaves' | 'intervalMinutes' | 'apart'> & { readonly customers: string })[];
        readonly withheld: readonly string[];
      }
  );

/** What is to be signed. */
export interface Statement {
  readonly statement: FeedStatement;
  readonly body: OperatorBody;
}

const SAID: Said = { purpose: OPERATOR_PURPOSE, latencySeconds: LATENCY_MS / 1000 };

/** @param at UTC ms */
export function statementOf(item: AreaItem, intervalMinutes: number, at: number): Statement {
  if (item.type === 'AreaForecastTold') return forecastStatement(item.data, at);
  const { area, end } = item.data;
  const window = { from: (end - intervalMinutes * 60) * 1000, until: end * 1000 };
  const stated = { issuedAt: at, revision: 1, window };
  switch (item.type) {
    case 'AreaDemandPublished':
      return energyOf('demand', area, item.data, stated);
    case 'AreaRevised':
      return energyOf('revision', area, item.data, { ...stated, revision: item.data.revision });
    case 'AreaSuppressed':
      return { statement: stated, body: { ...SAID, kind: 'suppressed', area, because: item.data.because } };
    case 'AreaDoubted':
      return { statement: stated, body: { ...SAID, kind: 'doubt', area, causes: item.data.causes } };
    default:
      return item satisfies never;
  }
}

function forecastStatement(forecast: AreaForecastTold, at: number): Statement {
  const { start, energyWh, intervalMinutes } = forecast;
  const window = { from: start * 1000, until: (start + energyWh.length * intervalMinutes * 60) * 1000 };
  return { statement: { issuedAt: at, revision: 1, window }, body: { ...SAID, ...forecastPayload(forecast) } };
}

/** @param customers by area */
export function partitionStatement({ areas, ...of }: AreaPartitioned, customers: ReadonlyMap<string, number>, at: number): Statement {
  const told = areas.map(({ slotsPerHome: _, ...area }) => {
    return { ...area, customers: sizeBand(customers.get(area.area) ?? 0) };
  });
  const window = { from: quarterStart(of.quarter), until: quarterEnd(of.quarter) };
  return { statement: { issuedAt: at, revision: 1, window }, body: { ...SAID, kind: 'partition', ...of, areas: told } };
}

function energyOf(kind: 'demand' | 'revision', area: string, { netWh, apart, counts }: AreaDemand, stated: FeedStatement): Statement {
  const { expected, measured, held } = counts;
  const share = (part: number) => bandOf(expected === 0 ? 1000 : Math.floor((part * 1000) / expected));
  const quality = { measured: share(measured), estimated: bandOf(0), missing: bandOf(1000 - perMille(measured + held, counts)) };
  return {
    statement: { ...stated, completeness: share(measured + held), quality },
    body: { ...SAID, kind, area, netWh, ...(apart === undefined ? {} : { apart }), held: shareBand(held, counts) },
  };
}

function perMille(part: number, { expected }: Counts): number {
  return expected === 0 ? 1000 : Math.min(1000, Math.floor((part * 1000) / expected));
}

function shareBand(part: number, { expected }: Counts): ShareBand {
  if (part * 100 <= expected) return '<=1';
  if (part * 100 <= expected * 5) return '1-5';
  return part * 100 <= expected * 10 ? '5-10' : '>10';
}

/** Customers of an area, by powers of ten: `10-99`, `100-999`, ... */
function sizeBand(customers: number): string {
  const digits = String(Math.max(0, customers)).length;
  return `${10 ** (digits - 1)}-${10 ** digits - 1}`;
}
