import { JoulekeepError } from '../events/errors.ts';
import { resourceName } from '../topology/names.ts';
import type { DoorName } from '../topology/route.ts';

/** A range of IPv4 addresses with 8 to 32 bits fixed. */
export const NARROW = /^\d{1,3}(\.\d{1,3}){3}\/([89]|[12]\d|3[0-2])$/;

/** How people of the operator, billing and third parties reach their doors: a private network of the utility's. */
export interface OperatorLink {
  /** Address ranges behind the VPN or Direct Connect, CIDR, each /8 or narrower: who comes from there, and where recipients may be. */
  readonly cidrs: readonly string[];
  /** Existing VPC whose private subnets hold the doors. */
  readonly vpcId: string;
}

/** Where the log has its witness: a bucket of another account, which locks what is put there and lets this one's log write. */
export interface ArchiveAccount {
  readonly account: string;
  readonly bucket: string;
}

/** A deployment of the service: what differs between two of them, and nothing else. */
export interface Stage {
  readonly name: 'dev' | 'prod';
  readonly region: string;
  /** Absent: the account of the credentials at hand. */
  readonly account?: string;
  /** Stateful resources stay when their stack goes, and refuse deletion. */
  readonly retains: boolean;
  readonly logDays: 7 | 30 | 90 | 400;
  /**
   * Which functions begin a trace: those that answer requests of people, or all of them, while something is searched.
   * `everything` is paid by the call, since Lambda traces the first one of every second.
   */
  readonly tracing: 'requests' | 'everything';
  /** Receives alarms. */
  readonly alarmEmail?: string;
  readonly operatorLink?: OperatorLink;
  /** Absent: the witness lies in the own account, and a roll-back of everything there takes it along. */
  readonly archive?: ArchiveAccount;
  /** Domain of the doors and of the customers' API; absent: neither has a certificate, and `edge` is left out. */
  readonly domain?: string;
}

/** Parameter by which stacks tell each other names. */
export function parameterName(stage: Stage, what: string): string {
  return `/joulekeep/${stage.name}/${what}`;
}

/** Physical name of a resource that adapters look up by name. */
export function physicalName(stage: Pick<Stage, 'name'>, what: string): string {
  return resourceName(stage.name, what);
}

/** Name of a door below the domain of a stage: `my` for customers' browsers, the door's own for the others. */
export function doorHost(domain: string, door: DoorName): string {
  return `${door === 'customer' ? 'my' : door}.${domain}`;
}

/** As others reach it. */
export function doorAddress(domain: string, door: DoorName): string {
  return `https://${doorHost(domain, door)}`;
}

/** Host where people and customers sign in; passkeys are bound to this name for ever. */
export function signInHost(domain: string): string {
  return `sign-in.${domain}`;
}

export function signInAddress(domain: string): string {
  return `https://${signInHost(domain)}`;
}

/** Origins that browsers sign in with: where the provider says what it is, and where its tokens come from. */
export function signInOrigins({ region }: Pick<Stage, 'region'>, domain: string): readonly string[] {
  return [`https://cognito-idp.${region}.amazonaws.com`, signInAddress(domain)];
}

/** @throws ERR_STAGE_INVALID naming the setting, what is wrong and what to do */
export function stageError(setting: string, fault: string, remedy: string): JoulekeepError {
  return new JoulekeepError('ERR_STAGE_INVALID', `stage: ${setting}: ${fault}; ${remedy}`);
}
