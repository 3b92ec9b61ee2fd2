/** Something a lane needs is missing, or didn't do its part: one line that says what, and what to do. */
export class LaneError extends Error {
  constructor(what: string, remedy: string, options?: ErrorOptions) {
    super(`${what}; ${remedy}`, options);
    this.name = 'LaneError';
  }
}

/** One line about what goes on, on standard error. */
export function progress(line: string): void {
  process.stderr.write(`joulekeep: ${line}\n`);
}
