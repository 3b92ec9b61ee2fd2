import { CATALOGUE } from './catalogue.ts';
import type { CatalogueEntry, CloudEvent } from './entry.ts';

/** Types under which a fact of an entry is published: its own, and the one before while that goes on. */
export function typesOf({ type, former }: CatalogueEntry): readonly string[] {
  return former === undefined ? [type] : [type, former.type];
}

/**
 * An event in every version that is published, the newest first, all under the id of the fact: whoever takes two versions sees
 * that they are one.
 * @throws RangeError for a type that the catalogue doesn't have, ZodError for data that its schema doesn't allow
 */
export function inVersions(event: CloudEvent<unknown>, catalogue: readonly CatalogueEntry[] = CATALOGUE): readonly CloudEvent<unknown>[] {
  const entry = catalogue.find(({ type }) => type === event.type);
  if (entry === undefined) throw new RangeError(`${event.type} is not in the catalogue of events`);
  const newest = { ...event, data: entry.data.parse(event.data) };
  const { former } = entry;
  return former === undefined ? [newest] : [newest, { ...event, type: former.type, data: former.data.parse(former.from(newest.data)) }];
}
