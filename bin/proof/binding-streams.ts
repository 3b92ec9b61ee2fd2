import type { BillProof, WithheldCommit } from '../../api/bill-proof.ts';
import type { BillPeriod } from '../../events/index.ts';
import type { LogCheckpoint } from '../../protocol/log/checkpoint.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { hashesIn, leafHash } from '../../protocol/log/hashes.ts';
import { verifyInclusion } from '../../protocol/log/verification.ts';
import { decoded, type OpenedCommit, openCommit } from './open-commits.ts';
import { ProofFault } from './proof-fault.ts';

/** A stream from its beginning on: what was opened of it, and where something is that was not. */
export interface ShownStream {
  readonly stream: string;
  readonly opened: readonly OpenedCommit[];
  /**
   * Versions of which nothing is shown, rising. How many events a commit has that is withheld, nobody can tell: all up to the next one are
   * among them, so that one that is left out between two others is as if it were there.
   */
  readonly withheld: readonly number[];
  /** Version of the last event that it is known to have, -1 for none. */
  readonly last: number;
}

/** What speaks of the customer's being the customer. */
export interface BindingStreams {
  readonly account: ShownStream;
  readonly point: ShownStream;
}

type Told = BillProof['binding']['account'][number];

/** Of an opened commit its events, of another one its place alone. */
interface Link {
  readonly version: number;
  readonly hash: Buffer;
  readonly opened?: OpenedCommit;
}

/** Events of an account or a usage point; each that is withheld is named. */
const MOST_EVENTS = 1_000_000;

/** Both streams of the bill's period, each a chain from version 0 on. @throws ProofFault */
export function bindingStreams(
  { account, point }: BillProof['binding'],
  { accountId, usagePoint }: BillPeriod,
  head: LogCheckpoint,
): BindingStreams {
  return {
    account: shownStream(`account/${accountId}`, account, head),
    point: shownStream(`usagepoint/${usagePoint}`, point, head),
  };
}

function shownStream(stream: string, told: readonly Told[], head: LogCheckpoint): ShownStream {
  const links = told.map((one) => ('withheld' in one ? withheldLink(stream, one, head) : openedLink(stream, openCommit(one, head))));
  if (lastOf(links.at(-1)) >= MOST_EVENTS) throw new ProofFault('chain', `${stream}: it has more events than anybody records of it`);
  for (const [i, link] of links.entries()) checkLink(stream, links[i - 1], link);
  return {
    stream,
    opened: links.flatMap(({ opened }) => opened ?? []),
    last: lastOf(links.at(-1)),
    withheld: links.flatMap((link, i) => withheldFrom(link, links[i + 1])),
  };
}

function openedLink(stream: string, opened: OpenedCommit): Link {
  const { envelope, hash } = opened;
  if (envelope.stream !== stream) throw new ProofFault('streams', `${envelope.stream}: the bill is of ${stream}`);
  return { version: envelope.version, hash, opened };
}

function lastOf(link: Link | undefined): number {
  return link === undefined ? -1 : link.version + (link.opened?.envelope.count ?? 1) - 1;
}

function withheldFrom({ version, opened }: Link, next: Link | undefined): readonly number[] {
  if (opened !== undefined) return [];
  return Array.from({ length: (next?.version ?? version + 1) - version }, (_, i) => version + i);
}

/** The log says that the commit is there, and the next one that is opened names it; what it says nobody can tell. */
function withheldLink(stream: string, { withheld: version, hash, entry, path }: WithheldCommit, head: LogCheckpoint): Link {
  const bytes = decoded(hash);
  const leaf = leafHash(encodeEntry({ stream, version, hash: bytes }));
  if (!verifyInclusion({ leaf, index: entry, head, proof: hashesIn(decoded(path)) }))
    throw new ProofFault('log', `${stream}: the log has no commit at version ${version} as the one that is withheld`);
  return { version, hash: bytes };
}

function checkLink(stream: string, before: Link | undefined, { version, opened }: Link): void {
  if (before === undefined) {
    if (version !== 0) throw new ProofFault('chain', `${stream}: its beginning is missing`);
    return;
  }
  const follows = before.opened === undefined ? version > before.version : version === before.version + before.opened.envelope.count;
  if (!follows || (opened !== undefined && !opened.envelope.prev.equals(before.hash)))
    throw new ProofFault('chain', `${stream}: the commit at version ${version} does not continue the one before it`);
}
