import { JoulekeepError } from '../../events/index.ts';

/** Addresses of doors, as others reach them, e.g. `https://127.0.0.1:8443`. */
export interface Doorsteps {
  readonly customer: string;
  readonly thirdParty: string;
}

/** Of a deployed service, from the function's environment. @throws ERR_ENVIRONMENT */
export function deployedDoors(): Doorsteps {
  return { customer: addressOf('JOULEKEEP_CUSTOMER_DOOR'), thirdParty: addressOf('JOULEKEEP_THIRD_PARTY_DOOR') };
}

function addressOf(name: string): string {
  const address = process.env[name] ?? '';
  if (!/^https:\/\/[^/]+$/.test(address)) throw new JoulekeepError('ERR_ENVIRONMENT', `${name}: the address of a door is expected`);
  return address;
}
