/**
 * node guard.ts <command> [argument...]: runs a server for as long as standard input is open, then ends it and all that
 * descends from it. Standard input is a pipe from the run that wants the server: however that run ends, the pipe closes.
 */
import { spawn } from 'node:child_process';
import { killTree } from './process-tree.ts';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.once('exit', (code) => process.exit(code ?? 1));

process.stdin.once('close', () => {
  // Its end ends this process.
  if (child.pid !== undefined) killTree(child.pid);
});
process.stdin.resume();
