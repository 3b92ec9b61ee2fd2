import type { CustomerLimits, DemandDecision, Home } from './demand-response.ts';
import type { DisplayReport } from './memory.ts';
import type { ShownPrice, UpcomingPrice } from './shown.ts';

/** What the screen is made of. Times are UTC s. */
export interface Screen {
  readonly zone: string;
  readonly now: number;
  /** IANA name, for the clock on the wall. */
  readonly timeZone: string;
  readonly shown: ShownPrice;
  readonly upcoming: readonly UpcomingPrice[];
  readonly decisions: readonly DemandDecision[];
  readonly shedW: number;
  readonly reports: readonly DisplayReport[];
}

const BARS = '▁▂▃▄▅▆▇█';
const SOURCES: Readonly<Record<ShownPrice['source'], string>> = {
  live: 'live',
  'day-ahead': 'NOT LIVE: the tariff of the day, told the day before',
  'last-day-ahead': 'NOT LIVE: the last tariff that came, at this time of day; today’s price may be another',
  flat: 'NOT LIVE: the price of the contract',
  none: 'NOT LIVE: no price is known',
};

/** A home that nothing measures: for a display that switches nothing. */
export const UNMEASURED: Home = { temperatureDeciC: 210, sheddableW: 1_000 };

export const CAREFUL: CustomerLimits = {
  optOut: false,
  highestLevel: 2,
  maxShedW: 1_000,
  maxMinutes: 180,
  maxPerDay: 1,
  minTemperatureDeciC: 180,
  maxDelayS: 900,
};

/** The screen, line by line, before tax. */
export function screenLines(screen: Screen): readonly string[] {
  const { shown, upcoming, reports, zone, now } = screen;
  const clock = clockOf(screen.timeZone);
  return [
    `Zone ${zone}, ${clock(now)} ${screen.timeZone}`,
    `Price now   ${priceText(shown.priceMicroPerKWh, shown.currency)}${bandText(shown, upcoming)}`,
    `            ${SOURCES[shown.source]}${shown.live && shown.until !== undefined ? `, until ${clock(shown.until)}` : ''}`,
    `Next 24 h   ${sparkline(upcoming)}`,
    `Cheapest    ${cheapestText(upcoming, clock, shown.currency)}`,
    `Event       ${eventText(screen, clock)}`,
    `Noticed     ${noticedText(reports, clock)}`,
  ];
}

/** The same in one line, for what is no terminal. */
export function plainLine(screen: Screen): string {
  const { shown, upcoming, now, timeZone } = screen;
  const price = `${priceText(shown.priceMicroPerKWh, shown.currency)}${bandText(shown, upcoming)}`;
  return `${clockOf(timeZone)(now)} ${price}, ${shown.live ? 'live' : `not live (${shown.source})`}`;
}

/** Heights between the lowest and the highest; one bar an interval, at most 48: of those that share a bar the mean counts. */
export function sparkline(upcoming: readonly UpcomingPrice[]): string {
  if (upcoming.length === 0) return 'not known';
  const perBar = Math.ceil(upcoming.length / 48);
  const means: number[] = [];
  for (let i = 0; i < upcoming.length; i += perBar) {
    const part = upcoming.slice(i, i + perBar);
    means.push(part.reduce((sum, { priceMicroPerKWh }) => sum + priceMicroPerKWh, 0) / part.length);
  }
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const heightOf = (price: number) => (high === low ? 0 : Math.round(((price - low) / (high - low)) * (BARS.length - 1)));
  return means.map((price) => BARS[heightOf(price)]).join('');
}

function priceText(micro: number | undefined, currency: string | undefined): string {
  if (micro === undefined) return '--';
  return `${(micro / 1_000_000).toFixed(4)} ${currency ?? ''}/kWh`.replace(' /', ' per ').trim();
}

/** The tariff's own name of the band, and where the price lies among the next 24 hours. */
function bandText({ priceMicroPerKWh: price, band }: ShownPrice, upcoming: readonly UpcomingPrice[]): string {
  const prices = upcoming.map(({ priceMicroPerKWh }) => priceMicroPerKWh);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const third = (high - low) / 3;
  const words = price === undefined || prices.length === 0 ? '' : rank(price, low, high, third);
  return [band, words]
    .filter((text) => text !== undefined && text !== '')
    .map((text) => `, ${text}`)
    .join('');
}

function rank(price: number, low: number, high: number, third: number): string {
  if (low === high) return 'the same all day';
  if (price <= low + third) return 'low';
  return price >= high - third ? 'high' : 'in the middle';
}

function cheapestText(upcoming: readonly UpcomingPrice[], clock: (at: number) => string, currency: string | undefined): string {
  const cheapest = upcoming.reduce<UpcomingPrice | undefined>(
    (best, one) => (best === undefined || one.priceMicroPerKWh < best.priceMicroPerKWh ? one : best),
    undefined,
  );
  if (cheapest === undefined) return 'not known';
  return `${clock(cheapest.at)} for ${cheapest.minutes} minutes, ${priceText(cheapest.priceMicroPerKWh, currency)}`;
}

function eventText({ decisions, now, shedW }: Screen, clock: (at: number) => string): string {
  const next = decisions.findLast(({ until, outcome }) => outcome !== 'accepted' || until > now);
  if (next === undefined || (next.outcome === 'accepted' && next.level === 0)) return 'none';
  if (next.outcome === 'opted-out') return 'not taking part';
  if (next.outcome === 'refused') return `asked for ${clock(next.asked)}, refused: ${next.reason}`;
  const state = next.from <= now ? `now, ${shedW} W less` : `from ${clock(next.from)}`;
  return `level ${next.level} ${state}, until ${clock(next.until)}`;
}

function noticedText(reports: readonly DisplayReport[], clock: (at: number) => string): string {
  const last = reports.at(-1);
  if (last === undefined) return 'nothing';
  return `${clock(last.at)} ${last.about} ${last.outcome}${last.reason === '' ? '' : `: ${last.reason}`}`;
}

function clockOf(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (at) => format.format(at * 1000);
}
