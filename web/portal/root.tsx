import { phase } from './state.ts';

/** The whole portal. */
export function Root() {
  return <main>{phase.value.at}</main>;
}
