import type { ComponentType } from 'preact';
import type { CustomerPoints } from '../../api/customer-usage.ts';
import type { Config } from '../shared/config.ts';
import type { Caller } from '../shared/session.ts';
import type { IconName } from '../shared/ui/icon.tsx';

export type Point = CustomerPoints['points'][number];

/** Path of what the service tells about a usage point. */
export function pointPath(usagePoint: string, what: 'usage' | 'today' | 'download' | 'demand' | 'similar' | 'bill-estimate'): string {
  return `/v1/me/points/${encodeURIComponent(usagePoint)}/${what}`;
}

/** What every view has to work with. Without network the caller answers everything with status 0. */
export interface ViewProps {
  readonly caller: Caller;
  readonly config: Config;
  /** The usage point that is looked at, and all there are. */
  readonly point: Point;
  readonly points: readonly Point[];
}

/** What is there for somebody whose last contract has ended. `zone`: IANA, of the browser. */
export interface FormerProps extends Pick<ViewProps, 'caller' | 'config'> {
  readonly zone: string;
}

export interface View {
  /** First part of its address: `#/usage`. */
  readonly name: string;
  /** In the language of the moment. */
  readonly label: () => string;
  readonly icon: IconName;
  /** Not in the navigation: something leads there. */
  readonly apart?: true;
  readonly component: ComponentType<ViewProps>;
  /** The same where no home is the customer's any more. */
  readonly former?: ComponentType<FormerProps>;
}
