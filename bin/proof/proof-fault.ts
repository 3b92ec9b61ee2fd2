/** What a proof is checked for, in this order. */
export type ProofCheck =
  /** The file is what was handed out, byte by byte. */
  | 'layout'
  /** Somebody trusted has signed the checkpoint. */
  | 'checkpoint'
  /** Each commit is in the log that was signed. */
  | 'log'
  /** Each commit opens by its own key. */
  | 'key'
  /** Each event has what its kind has, and nothing else. */
  | 'shape'
  /** The commits are those of one bill, its days and its tariffs, and no others. */
  | 'streams'
  /** The commits of a day follow each other. */
  | 'chain'
  /** A day has the energy of its intervals. */
  | 'energy'
  /** The meter's certificate is of the trusted authority, its seal genuine, its hours those it sealed. */
  | 'seal'
  /** Meter, time and tariffs are the customer's, by what account and usage point say. */
  | 'binding'
  /** The tariff gives these lines for these days. */
  | 'lines';

/** The first thing that does not fit. */
export class ProofFault extends Error {
  readonly check: ProofCheck;

  constructor(check: ProofCheck, what: string) {
    super(what);
    this.check = check;
  }
}
