import { setImmediate } from 'node:timers/promises';

/** About as many readings as a day or two have. */
const TURN_CHARACTERS = 32_768;

/** Puts a long text together, and lets whoever waits have their turn in between: a process serves others besides. @param turn between two stretches */
export async function joinedInTurns(pieces: Iterable<string>, turn: () => Promise<unknown> = setImmediate): Promise<string> {
  const parts: string[] = [];
  let since = 0;
  for (const piece of pieces) {
    parts.push(piece);
    since += piece.length;
    if (since < TURN_CHARACTERS) continue;
    since = 0;
    await turn();
  }
  return parts.join('');
}
