import { withShortTags } from './frame-columns.ts';

/** Turns the data of one schema of an event type into that of the next schema. */
export type Upcaster = (data: unknown) => unknown;

/** Steps by event type; step i of a type leads from schema i + 1 to schema i + 2. Recorded events are never rewritten. */
export type UpcasterTable = Readonly<Record<string, readonly Upcaster[]>>;

const UPCASTERS: UpcasterTable = { FramesAccepted: [withShortTags], FramesHeld: [withShortTags] };

/** Data as the newest schema has it. Types and schemas without a step pass unchanged. */
export function upcast(type: string, schema: number, data: unknown, table: UpcasterTable = UPCASTERS): unknown {
  const steps = Object.hasOwn(table, type) ? table[type]! : [];
  return steps.slice(Math.max(0, schema - 1)).reduce((current, step) => step(current), data);
}
