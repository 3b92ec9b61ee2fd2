import { XmlDocument, XmlElement } from 'libxml2-wasm';

const NAMES = { a: 'http://www.w3.org/2005/Atom', e: 'http://naesb.org/espi' };

export interface ReadReading {
  readonly start: number;
  readonly end: number;
  readonly value: number;
  readonly qualities: readonly number[];
}

export interface ReadMeter {
  readonly usagePoint: string;
  readonly flow: number;
  readonly uom: number;
  readonly intervalLength: number | undefined;
  readonly timeAttribute: number;
  readonly readings: readonly ReadReading[];
}

export interface ReadSummary {
  readonly usagePoint: string;
  readonly start: number;
  readonly duration: number;
  readonly bill: string;
  readonly currency: number;
  readonly consumption: number;
}

export interface ReadLocalTime {
  readonly dstStartRule: string;
  readonly dstEndRule: string;
  readonly dstOffset: number;
  readonly tzOffset: number;
}

export interface ReadFeed {
  readonly meters: readonly ReadMeter[];
  readonly summaries: readonly ReadSummary[];
  readonly localTimes: readonly ReadLocalTime[];
  readonly next: string | undefined;
}

/** Reads a feed as a recipient would: by its links, knowing nothing of how it was written. */
export function readFeed(xml: string): ReadFeed {
  using document = XmlDocument.fromString(xml);
  const entries = document.root.find('a:entry', NAMES).map(asElement);
  const of = (name: string) => entries.filter((entry) => entry.get(`a:content/e:${name}`, NAMES) !== null);
  const types = new Map(of('ReadingType').map((entry) => [href(entry, 'self'), inside(entry, 'ReadingType')]));
  const blocks = Map.groupBy(of('IntervalBlock'), (entry) => href(entry, 'up'));
  const meters = of('MeterReading').map((entry): ReadMeter => {
    const related = hrefs(entry, 'related');
    const type = types.get(related.find((one) => types.has(one)) ?? '');
    if (type === undefined) throw new Error('a meter reading leads to no reading type');
    const readings = related.flatMap((one) => blocks.get(one) ?? []).flatMap(readingsOf);
    return {
      usagePoint: pointOf(href(entry, 'self')),
      flow: Number(text(type, 'e:flowDirection')),
      uom: Number(text(type, 'e:uom')),
      intervalLength: optional(type, 'e:intervalLength'),
      timeAttribute: Number(text(type, 'e:timeAttribute')),
      readings,
    };
  });
  const next = document.root.find('a:link[@rel="next"]', NAMES)[0];
  return {
    meters,
    summaries: of('UsageSummary').map(summaryOf),
    localTimes: of('LocalTimeParameters').map(localTimeOf),
    next: next === undefined ? undefined : asElement(next).attr('href')?.value,
  };
}

function readingsOf(entry: XmlElement): ReadReading[] {
  const block = inside(entry, 'IntervalBlock');
  const from = Number(text(block, 'e:interval/e:start'));
  const until = from + Number(text(block, 'e:interval/e:duration'));
  return block.find('e:IntervalReading', NAMES).map((node) => {
    const reading = asElement(node);
    const start = Number(text(reading, 'e:timePeriod/e:start'));
    const end = start + Number(text(reading, 'e:timePeriod/e:duration'));
    if (start < from || end > until) throw new Error('a reading outside of its block');
    const qualities = reading.find('e:ReadingQuality/e:quality', NAMES).map(({ content }) => Number(content));
    return { start, end, value: Number(text(reading, 'e:value')), qualities };
  });
}

function summaryOf(entry: XmlElement): ReadSummary {
  const summary = inside(entry, 'UsageSummary');
  return {
    usagePoint: pointOf(href(entry, 'self')),
    start: Number(text(summary, 'e:billingPeriod/e:start')),
    duration: Number(text(summary, 'e:billingPeriod/e:duration')),
    bill: text(summary, 'e:billLastPeriod'),
    currency: Number(text(summary, 'e:currency')),
    consumption: Number(text(summary, 'e:overallConsumptionLastPeriod/e:value')),
  };
}

function localTimeOf(entry: XmlElement): ReadLocalTime {
  const time = inside(entry, 'LocalTimeParameters');
  return {
    dstStartRule: text(time, 'e:dstStartRule'),
    dstEndRule: text(time, 'e:dstEndRule'),
    dstOffset: Number(text(time, 'e:dstOffset')),
    tzOffset: Number(text(time, 'e:tzOffset')),
  };
}

function inside(entry: XmlElement, name: string): XmlElement {
  return asElement(entry.get(`a:content/e:${name}`, NAMES)!);
}

function text(element: XmlElement, path: string): string {
  const found = element.get(path, NAMES);
  if (found === null) throw new Error(`no ${path}`);
  return found.content;
}

function optional(element: XmlElement, path: string): number | undefined {
  const found = element.get(path, NAMES);
  return found === null ? undefined : Number(found.content);
}

function hrefs(entry: XmlElement, rel: string): string[] {
  return entry.find(`a:link[@rel="${rel}"]`, NAMES).map((node) => asElement(node).attr('href')!.value);
}

function href(entry: XmlElement, rel: string): string {
  const [only, ...others] = hrefs(entry, rel);
  if (only === undefined || others.length > 0) throw new Error(`not one link ${rel}`);
  return only;
}

function pointOf(address: string): string {
  return /\/UsagePoint\/([^/]+)/.exec(address)![1]!;
}

function asElement(node: unknown): XmlElement {
  if (!(node instanceof XmlElement)) throw new Error('not an element');
  return node;
}
