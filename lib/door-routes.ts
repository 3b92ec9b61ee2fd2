import { createHash } from 'node:crypto';
import { DOORS, type DoorName } from '../topology/route.ts';
import { type ApiRoute, ROUTES } from '../topology/routes.ts';
import { physicalName, type Stage } from './stage.ts';

/** Doors of who comes over the utility's private network; customers come over the edge. @source X.1332 9.3, 9.4, 10.3, 10.4 */
export const PRIVATE_DOORS = DOORS.filter((door): door is PrivateDoor => door !== 'customer');
export type PrivateDoor = Exclude<DoorName, 'customer'>;

/** The customers' door is two APIs: one for browsers and apps, one for devices that come with a certificate. */
export type EdgeName = 'customers' | 'devices';

/** Answers what devices at home ask for. */
const FOR_DEVICES: readonly string[] = ['price-api'];

export function routesOfEdge(edge: EdgeName): readonly ApiRoute[] {
  return routesAt('customer').filter((route) => edge === 'customers' || FOR_DEVICES.includes(route.function));
}

/** What a load balancer compares of a request, and the function it then calls. */
export interface DoorRule {
  readonly function: string;
  /** A star where the path has a parameter. The function compares exactly: a star also stands for slashes. */
  readonly pattern: string;
  readonly methods: readonly string[];
  /** 10 to 49,999; the lowest that fits is taken. */
  readonly priority: number;
}

export function routesAt(door: DoorName): readonly ApiRoute[] {
  return (ROUTES as readonly ApiRoute[]).filter((route) => route.door === door);
}

/**
 * One rule for each path and function of a door. Longer paths come first: a star stands for slashes too, and would take what a longer
 * path means. A priority follows from the rule alone, so that another route moves none: two that changed places would be refused.
 * @throws RangeError for two of one priority, which another spelling of a path mends
 */
export function rulesOf(routes: readonly Pick<ApiRoute, 'path' | 'method' | 'function'>[]): readonly DoorRule[] {
  const alike = Map.groupBy(routes, ({ path, function: name }) => `${name} ${path.replaceAll(/\{\w+\}/g, '*')}`);
  const rules = [...alike].map(([key, own]) => {
    const [name, pattern] = key.split(' ') as [string, string];
    const methods = [...new Set(own.map(({ method }) => method))];
    return { function: name, pattern, methods, priority: priorityOf(name, pattern) };
  });
  const sorted = rules.toSorted((a, b) => a.priority - b.priority);
  const twin = sorted.find(({ priority }, i) => sorted[i + 1]?.priority === priority);
  if (twin !== undefined) throw new RangeError(`door: ${twin.pattern} has the priority of another path`);
  return sorted;
}

const FIRST = 10;
const SEGMENTS = 16;
const CHARACTERS = 128;
const MARKS = 24;

function priorityOf(name: string, pattern: string): number {
  const segments = pattern.split('/').length - 1;
  if (segments > SEGMENTS || pattern.length >= CHARACTERS) throw new RangeError(`door: ${pattern} is too long for a load balancer`);
  const mark = Number.parseInt(markOf(`${name} ${pattern}`), 16) % MARKS;
  return FIRST + ((SEGMENTS - segments) * CHARACTERS + (CHARACTERS - pattern.length)) * MARKS + mark;
}

/** Five digits that stand for a text. */
function markOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 5);
}

/** Listener of a private door: one that verifies certificates, or one for browsers, which come with none and sign in. */
export type Listening = 'certificates' | 'browsers';

/** Doors that browsers come to, and where: a listener of their own, for one that asks for certificates would keep them out. */
export const BROWSER_DOORS: readonly PrivateDoor[] = ['console'];
/** Where certificates come in at a door that browsers have the standard port of. */
const CERTIFICATES_BESIDE_BROWSERS = 8443;

/** Name of the target group of a function at a door, by which the function knows the door and its listener; 32 characters at most. */
export function targetName(stage: Stage, door: PrivateDoor, functionName: string, listening: Listening = 'certificates'): string {
  return physicalName(stage, `${door}-${markOf(functionName)}${listening === 'browsers' ? '-web' : ''}`);
}

/** Port of a door's listener. */
export function portOf(door: PrivateDoor, listening: Listening): number {
  return listening === 'certificates' && BROWSER_DOORS.includes(door) ? CERTIFICATES_BESIDE_BROWSERS : 443;
}
