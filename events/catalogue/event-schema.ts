import { type ZodType, z } from 'zod';
import { CATALOGUE } from './catalogue.ts';
import type { CatalogueEntry } from './entry.ts';

/** A type as it is published, in its own version or in the one before. */
export interface PublishedType {
  readonly type: string;
  readonly data: ZodType;
  readonly entry: CatalogueEntry;
}

export function publishedTypes(catalogue: readonly CatalogueEntry[] = CATALOGUE): readonly PublishedType[] {
  return catalogue.flatMap((entry) => {
    const { type, data, former } = entry;
    return [{ type, data, entry }, ...(former === undefined ? [] : [{ type: former.type, data: former.data, entry }])];
  });
}

/** JSON Schema of an event as it is delivered. @param ordered what `subject` names */
export function eventSchema(type: string, ordered: string, data: ZodType, target: 'draft-2020-12' | 'draft-4' = 'draft-2020-12'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(data, { target }) as Record<string, unknown>;
  const text = (description: string) => ({ type: 'string', description });
  const properties = {
    specversion: { enum: ['1.0'] },
    id: text('stream and version of the fact'),
    source: text('kind of the fact'),
    type: { enum: [type] },
    subject: text(ordered),
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { enum: ['application/json'] },
    data: schema,
  };
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties };
}
