import { resolve } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { UsageError } from '../fail.ts';
import { beginOnLargePages } from '../large-pages.ts';
import { serve, serveConducted } from '../serve.ts';

/** `joulekeep serve`: the service alone, in real time; forked with a channel, in the time of whoever forked it. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('boot the service and keep serving: MQTT over mutual TLS for devices that are enrolled in its state')
    .requiredOption('--state <dir>', 'state directory; made when it is not there')
    .option('--port <n>', 'port of the device gateway (any free one)', wholeNumber(1, 65_535))
    .option('--https-port <n>', 'port of the editing API (any free one)', wholeNumber(1, 65_535))
    .action(async ({ state, port, httpsPort }: { state: string; port?: number; httpsPort?: number }) => {
      beginOnLargePages();
      const ports = {
        ...(port === undefined ? {} : { brokerPort: port }),
        ...(httpsPort === undefined ? {} : { doorPorts: { console: httpsPort } }),
      };
      const place = { stateDir: resolve(state), ...ports };
      await (process.send === undefined ? serve(place) : serveConducted(place)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        throw new UsageError(
          `port ${(error as { port?: number }).port} is taken by another process: stop it, or give another --port or --https-port`,
        );
      });
    });
}
