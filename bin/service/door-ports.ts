import type { Command } from 'commander';
import { wholeNumber } from '../terminal/arguments.ts';
import type { DoorPorts } from './doors.ts';

/** Options that name ports, as commander hands them over. */
export interface PortOptions {
  readonly httpsPort?: number;
  readonly portalPort?: number;
  readonly identityPort?: number;
  readonly operatorPort?: number;
  readonly billingPort?: number;
  readonly thirdPartyPort?: number;
}

const PORT = wholeNumber(1, 65_535);

export function withPortOptions(command: Command): Command {
  return command
    .option('--https-port <n>', 'port of the console and its API (any free one)', PORT)
    .option('--portal-port <n>', 'port of the customer portal and its API (any free one)', PORT)
    .option('--identity-port <n>', 'port where people sign in (any free one)', PORT)
    .option('--operator-port <n>', 'port for the grid operator (any free one)', PORT)
    .option('--billing-port <n>', 'port for the billing system (any free one)', PORT)
    .option('--third-party-port <n>', 'port for third parties (any free one)', PORT);
}

export function doorPortsOf(options: PortOptions): DoorPorts {
  const ports = {
    console: options.httpsPort,
    customer: options.portalPort,
    identity: options.identityPort,
    operator: options.operatorPort,
    billing: options.billingPort,
    'third-party': options.thirdPartyPort,
  };
  return Object.fromEntries(Object.entries(ports).filter(([, port]) => port !== undefined));
}

/** Of the doors what a person is told. */
interface ShownDoors extends Record<'customer' | 'console', { readonly address: string }> {
  readonly identity: { readonly endpoints: { readonly issuer: string } };
  readonly operator: { readonly url: string };
  readonly billing: { readonly url: string };
  readonly 'third-party': { readonly url: string };
}

/**
 * Where what is served, a line each.
 * @param kept the state outlives the process: people are let in by commands on it while nothing runs there, so a state that is removed has none
 */
export function doorLines(doors: ShownDoors, kept: boolean): readonly string[] {
  const certificates = kept ? ', or have a certificate: npm run joulekeep -- certificate issue --help' : '';
  const whoMay = kept ? '; who may: npm run joulekeep -- sign-in --help' : '';
  return [
    `Portal for customers, and signed prices for everybody, at ${doors.customer.address}`,
    `Console at ${doors.console.address}, for people who sign in${certificates}`,
    `Portal and console send browsers to ${doors.identity.endpoints.issuer} to sign in${whoMay}`,
    `With certificates: grid operator ${doors.operator.url}, billing system ${doors.billing.url}, third parties ${doors['third-party'].url}`,
  ];
}

/** Where a state that was kept lies, and who may sign in to it. @param anybody somebody may already */
export function keptLine(stateDir: string, anybody: boolean): string {
  const signIn = 'npm run joulekeep -- sign-in';
  const who = anybody
    ? `Who may sign in: ${signIn} list --state ${stateDir}`
    : `Nobody may sign in to it until: ${signIn} add NAME --role ROLE --state ${stateDir}`;
  return `All of it is in ${stateDir}. ${who}`;
}
