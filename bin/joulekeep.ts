#!/usr/bin/env node
import { CommanderError } from 'commander';
import { report } from './terminal/fail.ts';
import { watchReader } from './terminal/output-cut.ts';
import { joulekeepProgram } from './terminal/program.ts';

watchReader(process.stdout, process.stderr);

try {
  await joulekeepProgram().parseAsync();
} catch (error) {
  // commander has said what is wrong; --help is not wrong.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else report(error);
}
