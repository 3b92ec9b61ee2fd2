import { makeSiteDoor, siteEnvironment } from '../../platform/aws/doors/site-door.ts';

export const handler = makeSiteDoor(siteEnvironment());
