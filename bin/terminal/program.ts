import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { accountCommand } from '../commands/account.ts';
import { backupCommand, restoreCommand } from '../commands/backup.ts';
import { billCommand } from '../commands/bill.ts';
import { certificateCommand } from '../commands/certificate.ts';
import { consentCommand } from '../commands/consent.ts';
import { dayCommand } from '../commands/day.ts';
import { deliveryCommand } from '../commands/delivery.ts';
import { deviceCommand } from '../commands/device.ts';
import { displayCommand } from '../commands/display.ts';
import { drCommand } from '../commands/dr.ts';
import { erasureCommand } from '../commands/erasure.ts';
import { exceptionCommand } from '../commands/exception.ts';
import { exportCommand } from '../commands/export.ts';
import { feedCommand } from '../commands/feed.ts';
import { forecastCommand } from '../commands/forecast.ts';
import { importCommand } from '../commands/import.ts';
import { keyCommand } from '../commands/key.ts';
import { logCommand } from '../commands/log.ts';
import { pointCommand } from '../commands/point.ts';
import { portalCommand } from '../commands/portal.ts';
import { positionsCommand } from '../commands/positions.ts';
import { priceCommand } from '../commands/price.ts';
import { rebuildCommand } from '../commands/rebuild.ts';
import { recipientCommand } from '../commands/recipient.ts';
import { researchCommand } from '../commands/research.ts';
import { retentionCommand } from '../commands/retention.ts';
import { serveCommand } from '../commands/serve.ts';
import { settlementCommand } from '../commands/settlement.ts';
import { signInCommand } from '../commands/sign-in.ts';
import { startCommand } from '../commands/start.ts';
import { streamCommand } from '../commands/stream.ts';
import { tariffCommand } from '../commands/tariff.ts';
import { tenancyCommand } from '../commands/tenancy.ts';
import { verifyCommand } from '../commands/verify.ts';
import { HELP } from './help.ts';

/** The command line, before anybody has said anything to it. */
export function joulekeepProgram(): Command {
  const program = new Command('joulekeep')
    .description('Secure smart metering service per Recommendation ITU-T X.1332')
    .addCommand(startCommand())
    .addCommand(serveCommand())
    .addCommand(streamCommand())
    .addCommand(verifyCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(logCommand())
    .addCommand(exportCommand())
    .addCommand(feedCommand())
    .addCommand(accountCommand())
    .addCommand(pointCommand())
    .addCommand(tenancyCommand())
    .addCommand(rebuildCommand())
    .addCommand(retentionCommand())
    .addCommand(positionsCommand())
    .addCommand(keyCommand())
    .addCommand(portalCommand())
    .addCommand(deliveryCommand())
    .addCommand(tariffCommand())
    .addCommand(billCommand())
    .addCommand(settlementCommand())
    .addCommand(importCommand())
    .addCommand(exceptionCommand())
    .addCommand(dayCommand())
    .addCommand(certificateCommand())
    .addCommand(deviceCommand())
    .addCommand(signInCommand())
    .addCommand(recipientCommand())
    .addCommand(consentCommand())
    .addCommand(erasureCommand())
    .addCommand(priceCommand())
    .addCommand(drCommand())
    .addCommand(displayCommand())
    .addCommand(forecastCommand())
    .addCommand(researchCommand())
    // The formats of `export` have options of the same names as `export` itself: what stands behind a command is the command's.
    .enablePositionalOptions()
    .version(packageJson.version)
    .exitOverride();
  for (const command of [...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    inOneVoice(command).exitOverride().configureHelp(HELP);
  return inOneVoice(program);
}

/** What commander finds wrong in the words of a command begins as every other refusal of ours does. */
function inOneVoice(command: Command): Command {
  const { outputError } = command.configureOutput();
  return command.configureOutput({ outputError: (text, write) => outputError!(text.replace(/^error: /, 'joulekeep: '), write) });
}
