import { readFileSync } from 'node:fs';
import { UsageError } from '../terminal/fail.ts';
import { proofLines, refusalLine } from '../texts/proof-text.ts';
import { renewedMeters } from './seal-keys.ts';
import { trustIn } from './trust.ts';
import { type Proven, verifyProof } from './verify-proof.ts';

/** How a proof comes out; with `on-word` nothing in it is wrong, and some of its days are shown by nobody but the utility. */
export type ProofOutcome = 'holds' | 'on-word' | 'fails';

/** `joulekeep verify --proof`: nothing but two files. @param say gets the findings, line by line @throws UsageError */
export function checkProofFile(proof: string, keys: string, say: (line: string) => void): ProofOutcome {
  const found = verifyProof(readText(proof), trustIn(readText(keys), keys));
  if ('fault' in found) {
    say(refusalLine(proof, found));
    return 'fails';
  }
  for (const line of proofLines(found)) say(line);
  return outcomeOf(found);
}

/** Of a proof in which nothing is wrong. */
export function outcomeOf({ seals, binding, taken }: Proven): Exclude<ProofOutcome, 'fails'> {
  const words = seals.onWord.length + binding.onWord.length + taken.length + renewedMeters(seals.keys).length;
  return words === 0 ? 'holds' : 'on-word';
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`);
  }
}
