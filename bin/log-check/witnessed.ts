import { WITNESSED_ENTRIES } from '../../lambdas/log/witnessing.ts';
import type { LogFault } from '../../lambdas/log-check/proven-log.ts';
import type { Witness } from '../../platform/ports/witness.ts';
import { type LogEntry, parseEntries } from '../../protocol/log/entry.ts';
import { ProtocolRefusal } from '../../protocol/refusal.ts';

/** Entries as the witness got them, with their numbers, in order. @throws ProtocolRefusal ERR_LOG_REFUSED for what are no entries */
export async function* entriesOfWitness(witness: Witness): AsyncGenerator<LogEntry & { readonly index: number }, void, void> {
  let next = 0;
  for (const key of await witness.list(WITNESSED_ENTRIES)) {
    const from = Number(/(\d+)-\d+$/.exec(key)?.[1] ?? 0);
    const entries = parseEntries((await witness.get(key)) ?? Buffer.alloc(0));
    for (const [at, entry] of entries.entries()) if (from + at >= next) yield { ...entry, index: from + at };
    next = Math.max(next, from + entries.length);
  }
}

/** The first entry that the witness has and the log has not, or has otherwise. @param logged entries of the log in order */
export async function firstDifference(witness: Witness, logged: AsyncIterable<LogEntry>): Promise<LogFault | undefined> {
  const entries = logged[Symbol.asyncIterator]();
  try {
    for await (const seen of entriesOfWitness(witness)) {
      const { value: own } = await entries.next();
      if (own?.stream === seen.stream && own.version === seen.version && own.hash.equals(seen.hash)) continue;
      const was = `${seen.stream}  version ${seen.version}`;
      return {
        index: seen.index,
        fault: `${was}: the witness has this commit here, the log ${own === undefined ? 'ends before it' : 'another'}`,
      };
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolRefusal)) throw error;
    return { index: 0, fault: 'what the witness or the log has are no entries' };
  }
}
