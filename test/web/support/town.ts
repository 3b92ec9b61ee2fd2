import type { PartyCredentials } from './party-credentials.ts';

/** A town that serves, as `joulekeep start` told of it. */
export interface TownInBrowser {
  /** Origins, e.g. `https://localhost:43655`. */
  readonly portal: string;
  readonly console: string;
  readonly identity: string;
  readonly thirdParty: string;
  /** Passphrases by name, e.g. of `demo-customer`. */
  readonly passphrases: Readonly<Record<string, string>>;
  /** Where its state is kept. */
  readonly state: string;
  /** Of a third party that is registered, and that no customer has allowed anything. */
  readonly party: PartyCredentials;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly town: TownInBrowser;
  }
}

/** Reads what `start` wrote. @throws Error when an address is missing */
export function townOf(said: string): Omit<TownInBrowser, 'party'> {
  const origin = (before: string) => {
    const found = [...said.matchAll(new RegExp(`${before} (https://[\\w.]+:\\d+)`, 'gm'))].at(-1)?.[1];
    if (found === undefined) throw new Error(`no address after "${before}" in what the town said`);
    return found;
  };
  const names = [...said.matchAll(/^ {2}(demo-[\w-]+) +([a-z0-9]{5}(?:-[a-z0-9]{5})+)$/gm)];
  return {
    portal: origin('^Portal for customers.* at'),
    console: origin('^Console at'),
    identity: origin('^Portal and console send browsers to'),
    thirdParty: origin('third parties'),
    passphrases: Object.fromEntries(names.map(([, name, passphrase]) => [name!, passphrase!])),
    state: /--state (\S+)$/m.exec(said)?.[1] ?? '',
  };
}
