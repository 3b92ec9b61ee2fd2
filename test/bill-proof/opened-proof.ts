import { generateKeyPairSync, sign } from 'node:crypto';
import type { BillProof, ProvenCommit, WithheldCommit } from '../../api/bill-proof.ts';
import { openCommit, trustedCheckpoint } from '../../bin/proof/open-commits.ts';
import type { Trust } from '../../bin/proof/trust.ts';
import type { BillComputed, DomainEvent } from '../../events/index.ts';
import type { StreamHead } from '../../platform/ports/event-store.ts';
import { emptyHead, type SealedCommit, sealCommit } from '../../platform/store/commit.ts';
import { checkpointNote, checkpointText } from '../../protocol/log/checkpoint.ts';
import { idOf } from '../contract/support/events.ts';
import { logOf, ROW_KEY } from './log-by-hand.ts';

/** What one commit says. */
export interface Fact {
  readonly stream: string;
  /** Row of its key. */
  readonly keyId: string;
  readonly recordedAt: number;
  readonly events: readonly DomainEvent[];
}

/** One that is there, and says nothing. */
export interface Silent {
  readonly stream: string;
  readonly withheld: number;
  readonly hash: Buffer;
}

/** All that a proof says, but for the files and certificates that are no commits. */
export interface Facts {
  readonly bill: Fact;
  readonly account: readonly (Fact | Silent)[];
  readonly point: readonly (Fact | Silent)[];
  readonly days: readonly Fact[];
  readonly tariffs: readonly Fact[];
}

/** What the commits of a proof say. */
export function factsOf(proof: BillProof, trust: Trust): Facts {
  const head = trustedCheckpoint(proof, trust);
  const fact = (proven: ProvenCommit): Fact => {
    const { envelope, events } = openCommit(proven, head);
    return { stream: envelope.stream, keyId: envelope.keyId, recordedAt: envelope.recordedAt, events };
  };
  const told = (of: string, commits: readonly (ProvenCommit | WithheldCommit)[]) =>
    commits.map((one) => ('withheld' in one ? { stream: of, withheld: one.withheld, hash: Buffer.from(one.hash, 'base64') } : fact(one)));
  const { account, point } = proof.binding;
  const bill = fact(proof.bill);
  const { accountId, usagePoint } = (bill.events.at(-1)!.data as BillComputed).period;
  return {
    bill,
    account: told(`account/${accountId}`, account),
    point: told(`usagepoint/${usagePoint}`, point),
    days: proof.days.map(fact),
    tariffs: proof.tariffs.map(fact),
  };
}

const LOG_KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const LOG_KEY = LOG_KEYS.publicKey.export({ type: 'spki', format: 'der' });

/** Whom a reader of what is written anew believes: this log, and the same authorities of meters. */
export const trustAnew = ({ meterAuthorities }: Trust): Trust => ({ checkpointKeys: [LOG_KEY], meterAuthorities });

/**
 * A proof that says these facts, each chained to the one before it in its stream, in a log that is signed: what a utility can write that holds
 * every key of its own. @param proof whose files and certificates it has
 */
export async function provenAnew(proof: BillProof, facts: Facts): Promise<BillProof> {
  const heads = new Map<string, StreamHead>();
  const seal = (fact: Fact): SealedCommit => {
    const head = heads.get(fact.stream) ?? emptyHead(fact.stream);
    const commit = { commitId: idOf(`${fact.stream} ${head.version}`), events: fact.events };
    const sealed = sealCommit(head, commit, { keyId: fact.keyId, key: ROW_KEY }, fact.recordedAt);
    heads.set(fact.stream, sealed.head);
    return sealed;
  };
  const told = (one: Fact | Silent): SealedCommit => {
    if (!('withheld' in one)) return seal(one);
    const { stream, withheld: version, hash } = one;
    const head = { stream, version, hash };
    heads.set(stream, head);
    return { stream, version, head } as SealedCommit;
  };
  const bill = seal(facts.bill);
  const [account, point, days, tariffs] = [facts.account.map(told), facts.point.map(told), facts.days.map(seal), facts.tariffs.map(seal)];
  const log = await logOf([bill, ...account, ...point, ...days, ...tariffs]);
  const signature = sign('sha256', Buffer.from(checkpointText(log.head)), { key: LOG_KEYS.privateKey, dsaEncoding: 'ieee-p1363' });
  const shown = (of: readonly (Fact | Silent)[], commits: readonly SealedCommit[]) =>
    commits.map((commit, i) => ('withheld' in of[i]! ? log.withhold(commit) : log.open(commit)));
  return {
    ...proof,
    checkpoint: checkpointNote(log.head, signature, LOG_KEY),
    bill: log.open(bill),
    binding: { account: shown(facts.account, account), point: shown(facts.point, point) },
    days: days.map(log.open),
    tariffs: tariffs.map(log.open),
  };
}
