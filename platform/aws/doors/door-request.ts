import type { DoorName } from '../../../topology/route.ts';
import type { Target } from '../../doors/request-rules.ts';

/** What a load balancer or an API hands to a function, before anybody has looked at what it means. */
export interface DoorRequest {
  /** Undefined for what came through no door of ours. */
  readonly door: DoorName | undefined;
  readonly method: string;
  readonly target: Target;
  /** By lower-case name, one value each. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that came more than once and may not. */
  readonly repeated: readonly string[];
  readonly certificate: ShownCertificate;
  /** Of the client, as what stands before the function says: nothing that a client wrote itself. */
  readonly sourceIp: string;
}

/** DER, or why there is none. */
export type ShownCertificate = { readonly der: Buffer } | { readonly fault: string };

type Given<Value> = Readonly<Record<string, Value | undefined>> | null | undefined;

/** Headers that are one list, however often they come. */
const LISTS: Readonly<Record<string, string>> = { accept: ', ', cookie: '; ' };
const PEM = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n?$/;

/** A function may be told each header once, or all values of each. */
export function valuesOf(many: Given<string[]>, one: Given<string>): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const [name, all] of given(many, one)) {
    const known = [...(values.get(name.toLowerCase()) ?? []), ...all];
    if (known.length > 0) values.set(name.toLowerCase(), known);
  }
  return values;
}

/** Each header once, and which of them came more often than they may. */
export function singled(values: ReadonlyMap<string, readonly string[]>): Pick<DoorRequest, 'headers' | 'repeated'> {
  const single = [...values].map(([name, all]) => [name, all.length > 1 ? all.join(LISTS[name] ?? ',') : all[0]!] as const);
  const repeated = [...values].flatMap(([name, all]) => (all.length > 1 && LISTS[name] === undefined ? [name] : []));
  return { headers: Object.fromEntries(single), repeated };
}

/** @param spelt how a name or a value is written in a query, where it came decoded */
export function queryOf(many: Given<string[]>, one: Given<string>, spelt: (text: string) => string): string {
  const pairs = given(many, one).flatMap(([name, all]) =>
    all.map((value) => (value === '' ? spelt(name) : `${spelt(name)}=${spelt(value)}`)),
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

/** One certificate and nothing beside it; undefined for what is none. */
export function derOf(pem: string): Buffer | undefined {
  const [, base64] = PEM.exec(pem) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function given(many: Given<string[]>, one: Given<string>): (readonly [string, readonly string[]])[] {
  if (many) return Object.entries(many).map(([name, all]) => [name, all ?? []] as const);
  return Object.entries(one ?? {}).map(([name, value]) => [name, [value ?? '']] as const);
}
