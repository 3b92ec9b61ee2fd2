let goesOn = false;

/** From here on the command works to its end, whether somebody reads what it says or not: what it finds is in its exit code. */
export function goOnUnread(): void {
  goesOn = true;
}

/**
 * Whoever reads our output may have seen enough, as `head` does. Then a command that only shows things ends, and with the exit code of
 * what it knows by then; one that judges goes on without output.
 */
export function watchReader(...streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exit(1);
      if (!goesOn) process.exit(process.exitCode ?? 0);
    });
}
