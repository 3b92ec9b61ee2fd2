import { type DomainEvent, type TenancySpan, UTILITY } from '../../events/index.ts';
import { localDayAt } from '../shared/days/local-days.ts';

/** For whom a commit of a usage point would be opened. */
export interface Tenant {
  readonly account: string;
  /** Nobody else was ever said to be the tenant. */
  readonly alone: boolean;
  /** UTC ms, oldest first; from the beginning of time where nobody was the tenant before. */
  readonly spans: readonly TenancySpan[];
  /** IANA zone of the usage point. */
  readonly zone: string;
}

/**
 * Whether a fact of a usage point may be shown to a tenant: it speaks of nobody else, and of no time that is somebody else's. Registers, reasons of
 * a disconnection and the tariff tell of whoever lived there then, so that what is not plainly the tenant's is not shown; types that are not
 * known here as well.
 */
export function isShownTo(event: DomainEvent, tenant: Tenant): boolean {
  const { alone, spans } = tenant;
  if (alone) return true;
  const within = (instant: number) => spans.some(({ from, until = Infinity }) => from <= instant && instant < until);
  const upTo = (instant: number) => spans.some(({ from, until = Infinity }) => from < instant && instant <= until);
  switch (event.type) {
    case 'UsagePointOpened':
      return true;
    case 'MeterInstalled':
      return within(event.data.from);
    case 'MeterRemoved':
      return upTo(event.data.until);
    case 'MultiplierCorrected':
      return within(event.data.validFrom);
    case 'SupplyDisconnected':
    case 'SupplyReconnected':
      return within(event.data.instant);
    case 'MoveRead':
      return within(event.data.instant) || upTo(event.data.instant);
    case 'TenancyCut':
      return isOwnCut(event.data, tenant);
    case 'TenancyCorrected':
      return (within(event.data.since) || upTo(event.data.since)) && event.data.cuts.every((cut) => isOwnCut(cut, tenant));
    case 'TariffAssigned':
      return isOwnDate(event.data.from, tenant);
    default:
      return false;
  }
}

function isOwnCut({ subject, from }: { readonly subject: string; readonly from: number }, { account, spans }: Tenant): boolean {
  return subject === account || (subject === UTILITY && spans.some(({ until }) => until === from));
}

/** From a date of the tenancy on. */
function isOwnDate(date: string, { spans, zone }: Tenant): boolean {
  const dayAt = (instant: number) => localDayAt(Math.floor(instant / 1000), zone).day;
  return spans.some(({ from, until }) => {
    return (from <= 0 || dayAt(from) <= date) && (until === undefined || date <= dayAt(until - 1));
  });
}
