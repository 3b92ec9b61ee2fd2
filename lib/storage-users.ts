import { FUNCTIONS } from '../topology/functions.ts';
import { ADMITS, GRANTS } from '../topology/grants.ts';
import { KEY_TABLE, PRINCIPALS, type Principal } from '../topology/keys.ts';
import { domainOf, type StorageDomain } from '../topology/storage.ts';
import { PRIVATE_DOORS, routesAt } from './door-routes.ts';
import { queuesOf, SET_ASIDE, WORKED_QUEUES } from './owned-queues.ts';

/** How a principal comes by what lies under a storage key: it reads, or it writes as well. */
export type StorageUse = 'reads' | 'writes';

/** The storage keys a principal works under, which follow from what it may do. */
export function storageUses(principal: Principal): ReadonlyMap<StorageDomain, StorageUse> {
  const { events, models, directory, sends, objects, redrives } = GRANTS[principal];
  const uses = new Map<StorageDomain, StorageUse>();
  const use = (domain: StorageDomain, writes: boolean) => {
    if (writes || !uses.has(domain)) uses.set(domain, writes ? 'writes' : 'reads');
  };
  if (events.length > 0) use(domainOf('tables', 'events'), events.includes('append'));
  if (models.length > 0) use(domainOf('tables', 'models'), models.includes('write'));
  if (directory.length > 0) use(domainOf('tables', 'directory'), directory.includes('write'));
  const admits = ADMITS.includes(principal);
  if (admits || servesDoors(principal)) use(domainOf('tables', 'directory'), admits);
  for (const { may } of objects) use(domainOf('buckets', 'objects'), may.includes('put'));
  for (const queue of sends) use(domainOf('queues', queue), true);
  if (redrives) for (const queue of [...WORKED_QUEUES.map(({ name }) => name), ...SET_ASIDE]) use(domainOf('queues', queue), true);
  const { receives, setsAside } = queuesOf(principal);
  for (const queue of receives) use(domainOf('queues', queue), false);
  for (const queue of setsAside) use(domainOf('queues', queue), true);
  const rows = KEY_TABLE.flatMap(({ allow }) => (Object.hasOwn(allow, principal) ? (allow[principal] ?? []) : []));
  if (rows.length > 0) use(domainOf('tables', 'keys'), rows.includes('put') || rows.includes('destroy'));
  return uses;
}

/** Whether functions of the principal stand behind private doors, where each asks the registry who comes. */
export function servesDoors(principal: Principal): boolean {
  const names = FUNCTIONS.filter((spec) => spec.principal === principal).map(({ name }) => name);
  return PRIVATE_DOORS.some((door) => routesAt(door).some((route) => names.includes(route.function)));
}

/** Principals that have no business under a domain's key. */
export function strangersTo(domain: StorageDomain): readonly Principal[] {
  return PRINCIPALS.filter((principal) => !storageUses(principal).has(domain));
}
