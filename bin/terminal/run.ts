import { CommanderError } from 'commander';
import { report } from './fail.ts';
import { watchReader } from './output-cut.ts';
import { joulekeepProgram } from './program.ts';

/** The command that was given, to its end: what it says, and the exit code. */
export async function run(): Promise<void> {
  watchReader(process.stdout, process.stderr);
  try {
    await joulekeepProgram().parseAsync();
  } catch (error) {
    // commander has said what is wrong; --help is not wrong.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else report(error);
  }
}
