import { Command } from 'commander';
import { expect, it } from 'vitest';
import { serveCommand } from '../../bin/commands/serve.ts';
import { HELP } from '../../bin/terminal/help.ts';

it('help marks the options that a command can’t do without, and no others', () => {
  const command = new Command('try').requiredOption('--state <dir>', 'where').option('--port <n>', 'which').configureHelp(HELP);
  expect(command.helpInformation()).toMatch(/--state <dir> {2}where \(required\)\n {2}--port <n> {5}which\n/);
});

it('help of serve says what comes next', () => {
  const said: string[] = [];
  const command = serveCommand().configureOutput({ writeOut: (text) => void said.push(text) });
  command.outputHelp();
  expect(said.join('')).toMatch(/npm run build:web[\s\S]*joulekeep sign-in add/);
});
