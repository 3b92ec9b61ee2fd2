import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { checkFeed, type FeedFinding } from '../feed-check.ts';
import { UsageError } from '../terminal/fail.ts';
import { counted } from '../texts/counted.ts';

/** `joulekeep feed verify`: what a receiver can find out about a feed with its items and pinned keys alone. Exit code 1 for any finding. */
export function feedCommand(): Command {
  const verify = new Command('verify')
    .description('check items of a feed for gaps, changed values and wrong keys')
    .argument('<file>', 'JSON: a page of items as the door answers with, or an array of pages')
    .requiredOption('--keys <file>', 'JSON: the keys of the feed, as the door tells them')
    .action((file: string, { keys }: { keys: string }) => {
      const { feed, taken, through, findings } = checkFeed(readJson(file), readJson(keys));
      for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
      process.stdout.write(
        `${feed}  ${counted(taken, 'item')} genuine and in place, through ${through}, ${counted(findings.length, 'finding')}\n`,
      );
      if (findings.length > 0) process.exitCode = 1;
    });
  return new Command('feed').description('signed feeds, as who receives them sees them').addCommand(verify);
}

const WORDS: Readonly<Record<Exclude<FeedFinding['finding'], 'FeedGap'>, string>> = {
  'wrong-signature': 'changed: its signature is not of what it says',
  'unknown-key': 'wrong key: signed by none of those that are pinned',
  'wrong-purpose': 'wrong key: not of one for this feed',
  'wrong-algorithm': 'signed in a way that is not agreed',
  malformed: 'can not be read',
  'no-place': 'says no place in a feed',
  'wrong-feed': 'belongs to another feed',
  'broken-chain': 'does not continue the item before it',
  fork: 'another item of this place came before',
};

function lineOf(finding: FeedFinding): string {
  if (finding.finding === 'FeedGap') {
    const { from, until } = finding;
    return `FeedGap   ${from === until ? `item ${from} is missing` : `items ${from} to ${until} are missing`}`;
  }
  return `item ${finding.seq ?? '?'}   ${WORDS[finding.finding]} (${finding.finding}, ${finding.index + 1}. of the file)`;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`);
  }
}
