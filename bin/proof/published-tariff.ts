import type { TariffPublished } from '../../events/index.ts';
import type { OpenedCommit } from './open-commits.ts';

/** A version of a tariff, and the commit that says it. */
export interface Publication {
  readonly commit: OpenedCommit;
  readonly published: TariffPublished;
}

/** Where a version of a tariff was published: in its own stream, by its own name, once. */
export function publicationOf(commits: readonly OpenedCommit[], id: string, version: number): Publication | undefined {
  for (const commit of commits.filter(({ envelope }) => envelope.stream === `tariff/${id}`)) {
    const said = commit.events.flatMap(({ type, data }) => (type === 'TariffPublished' && data.version === version ? [data] : []));
    const [published] = said;
    if (said.length === 1 && published?.tariff === id) return { commit, published };
  }
  return undefined;
}
