import type { HomeDisplay } from './display.ts';

/** What the service answers to a path; undefined where nothing came. It is never trusted: every item is verified by the display. */
export type Fetch = (path: string) => Promise<unknown>;

/** One round: asks for what is new, and hands it to the display. @returns whether anything came */
export async function followOnce(display: HomeDisplay, fetch: Fetch, zone: string, programs: readonly string[]): Promise<boolean> {
  const bundle = fieldsOf(await fetch(`/v1/prices/${zone}?after=${display.memory.prices.seq}`));
  for (const item of textsOf([bundle['keys']])) display.take(item);
  for (const item of textsOf(bundle['tariffs'])) display.take(item);
  display.takeChain(textsOf(bundle['prices']));
  for (const program of programs) {
    const after = display.memory.programs[program]?.seq ?? 0;
    const { events } = fieldsOf(await fetch(`/v1/demand-response/${program}?after=${after}`));
    for (const item of textsOf(events)) display.take(item);
  }
  return Object.keys(bundle).length > 0;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
