import { resolve } from 'node:path';
import { Command } from 'commander';
import { doorPortsOf, type PortOptions, withPortOptions } from '../service/door-ports.ts';
import { serve, serveConducted } from '../service/serve.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { beginOnLargePages } from '../terminal/large-pages.ts';

interface ServeOptions extends PortOptions {
  readonly state: string;
  readonly port?: number;
  readonly archive?: string;
}

const AFTERWARDS = `
Each address is printed; Ctrl-C ends it. Portal and console are there after npm run build:web. Who may come in is told while the service
does not run: joulekeep sign-in add for browsers, joulekeep certificate issue for terminals and systems.
`;

/** `joulekeep serve`: the service alone, in real time; forked with a channel, in the time of whoever forked it. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description(
      'boot the service and keep serving: MQTT over mutual TLS for devices that are enrolled in its state, HTTPS for everybody else',
    )
    .requiredOption('--state <dir>', 'state directory; made when it is not there')
    .option('--port <n>', 'port of the device gateway (any free one)', wholeNumber(1, 65_535))
    .option('--archive <dir>', "where the log's witness lies: on another disk it outlives this one (the state itself)")
    .addHelpText('after', AFTERWARDS);
  return withPortOptions(command).action(async ({ state, port, archive, ...ports }: ServeOptions) => {
    beginOnLargePages();
    const broker = port === undefined ? {} : { brokerPort: port };
    const witness = archive === undefined ? {} : { witnessDir: resolve(archive) };
    const place = { stateDir: resolve(state), ...broker, ...witness, doorPorts: doorPortsOf(ports) };
    await (process.send === undefined ? serve(place) : serveConducted(place)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new UsageError(
        `port ${(error as { port?: number }).port} is taken by another process: stop it, or give another --port or --https-port`,
      );
    });
  });
}
