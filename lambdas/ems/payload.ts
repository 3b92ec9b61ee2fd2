import type { AreaItem } from '../../domain/demand/area.ts';
import { LATENCY_MS } from '../../domain/demand/lateness.ts';
import { type Band, bandOf } from '../../domain/privacy/bands.ts';
import type { AreaPartitioned, Counts, DoubtCause } from '../../events/index.ts';
import { OPERATOR_PURPOSE } from './feed-name.ts';

/** A small share, in the bands of completeness turned round, percent. */
type ShareBand = '<=1' | '1-5' | '5-10' | '>10';

const REST: Readonly<Record<Band, ShareBand>> = { '>=99': '<=1', '95-99': '1-5', '90-95': '5-10', '<90': '>10' };

interface Head {
  /** Dense from 1 in its feed. */
  readonly seq: number;
  readonly prevHash: string;
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly purpose: typeof OPERATOR_PURPOSE;
  /** The feed tells an interval so long after its end: meters report no sooner. */
  readonly latencySeconds: number;
}

interface Interval {
  readonly area: string;
  /** Interval begin and end, RFC 3339. */
  readonly from: string;
  readonly to: string;
}

/** How good a value is, in bands. Sums hold measurements alone; what was estimated is in none of them. */
interface Goodness {
  readonly completeness: Band;
  readonly quality: { readonly measured: Band; readonly estimated: ShareBand; readonly held: ShareBand };
}

interface Energy extends Interval, Goodness {
  readonly importWh: number;
  readonly exportWh: number;
  readonly revision: number;
}

/** What the operator sees. No meter, no customer, no field that could carry one; numbers of homes in bands. */
export type OperatorItem = Head &
  (
    | ({ readonly kind: 'demand' | 'revision' } & Energy)
    | ({ readonly kind: 'suppressed'; readonly because: string } & Interval)
    | { readonly kind: 'doubt'; readonly area: string; readonly to: string; readonly causes: readonly DoubtCause[] }
    | {
        readonly kind: 'partition';
        readonly quarter: string;
        readonly areas: readonly {
          readonly area: string;
          readonly leaves: readonly string[];
          readonly intervalMinutes: number;
          readonly customers: string;
        }[];
        readonly withheld: readonly string[];
      }
  );

type Place = Pick<Head, 'seq' | 'prevHash'>;

export function payloadOf(item: AreaItem, place: Place, at: number): OperatorItem {
  const { area, end } = item.data;
  const head = headOf(place, at);
  switch (item.type) {
    case 'AreaDemandPublished':
      return { ...head, kind: 'demand', ...energyOf(item.data), revision: 1 };
    case 'AreaRevised':
      return { ...head, kind: 'revision', ...energyOf(item.data), revision: item.data.revision };
    case 'AreaSuppressed':
      return { ...head, kind: 'suppressed', ...intervalOf(item.data), because: item.data.because };
    case 'AreaDoubted':
      return { ...head, kind: 'doubt', area, to: timeOf(end), causes: item.data.causes };
    default:
      return item satisfies never;
  }
}

/** @param customers by area */
export function partitionPayload(
  { quarter, areas, withheld }: AreaPartitioned,
  customers: ReadonlyMap<string, number>,
  place: Place,
  at: number,
): OperatorItem {
  const told = areas.map(({ area, leaves, intervalMinutes }) => ({ area, leaves, intervalMinutes, customers: sizeBand(customers.get(area) ?? 0) }));
  return { ...headOf(place, at), kind: 'partition', quarter, areas: told, withheld };
}

function headOf({ seq, prevHash }: Place, at: number): Head {
  return { seq, prevHash, issuedAt: new Date(at).toISOString(), purpose: OPERATOR_PURPOSE, latencySeconds: LATENCY_MS / 1000 };
}

function energyOf({
  importWh,
  exportWh,
  counts,
  ...interval
}: IntervalEnd & { readonly importWh: number; readonly exportWh: number; readonly counts: Counts }): Omit<Energy, 'revision'> {
  return { ...intervalOf(interval), importWh, exportWh, ...goodnessOf(counts) };
}

function goodnessOf({ expected, measured, held }: Counts): Goodness {
  const quality = { measured: bandOf(measured, expected), estimated: shareBand(0, expected), held: shareBand(held, expected) };
  return { completeness: bandOf(measured + held, expected), quality };
}

function shareBand(part: number, whole: number): ShareBand {
  return REST[bandOf(whole - part, whole)];
}

interface IntervalEnd {
  readonly area: string;
  readonly end: number;
  readonly intervalMinutes: number;
}

function intervalOf({ area, end, intervalMinutes }: IntervalEnd): Interval {
  return { area, from: timeOf(end - intervalMinutes * 60), to: timeOf(end) };
}

/** @param seconds UTC s */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Customers of an area, by powers of ten: `10-99`, `100-999`, ... */
function sizeBand(customers: number): string {
  const digits = String(Math.max(0, customers)).length;
  return `${10 ** (digits - 1)}-${10 ** digits - 1}`;
}
