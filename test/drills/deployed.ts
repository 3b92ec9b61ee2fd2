export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

interface Deployed {
  stackOf(name: 'doors' | 'edge' | 'fleet' | 'operations'): Readonly<Record<string, Resource>>;
  core(): readonly Resource[];
}

// Not a literal: stacks are compiled by tsconfig.lib.json, as CDK's types demand, and functions by tsconfig.json, which is stricter.
const STACKS: string = '../infra/deployed.ts';

/** What is deployed, from the templates. */
export const { stackOf, core } = (await import(STACKS)) as Deployed;
