import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import { csvHeader, PLAIN, plainLine } from '../../exchange/csv/readings-writer.ts';
import { recordTelemetryAccess } from '../exchange/export-source.ts';
import { refuseExisting } from '../exchange/whole-file.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { whoLooks } from '../terminal/person.ts';
import { recorded } from '../town/reconciliation.ts';
import { exportFileCommands, sayWritten } from './export-files.ts';

const METER_ID = /^[0-9a-f]{16}$/;

/** `joulekeep export`: readings as CSV, a line per slot. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write the readings of a meter, or of all, as CSV: meterId,channel,end_utc,wh; or a window of them in another format')
    .argument('[meterId]', '16 hex digits; all meters when absent')
    .option('--state <dir>', 'state directory of the service, which must not run')
    .option('--as <name>', 'who exports, for the record; your user name when absent')
    .option('--out <file>', 'file to write instead of standard output; one that is there stays as it is')
    .action(exportReadings)
    .enablePositionalOptions();
  const formats = exportFileCommands();
  for (const format of formats) command.addCommand(format);
  // An option that only formats have is found unknown before the word in front of it is looked at.
  const outputError = (text: string, write: (text: string) => void) => {
    const [first] = command.args;
    const isFormat = first === undefined || first.startsWith('-') || METER_ID.test(first);
    write(isFormat ? text : `joulekeep: ${neither(first, formats)}\n`);
  };
  return command.configureOutput({ outputError });
}

function neither(word: string, formats: readonly Command[]): string {
  return `${word}: no format (${formats.map((format) => format.name()).join(', ')}), and no meter id: 16 hex digits, in lower case`;
}

/** @throws UsageError when the file can't be written, before anything is */
async function fileSink(file: string): Promise<WriteStream> {
  const sink = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    await once(sink, 'open');
  } catch (error) {
    throw new UsageError(`${file} can't be written (${(error as NodeJS.ErrnoException).code}): name a file in a folder that is there`);
  }
  return sink;
}

interface ReadingsOptions {
  readonly state?: string;
  readonly as?: string;
  readonly out?: string;
}

async function exportReadings(meterId: string | undefined, { state, as, out }: ReadingsOptions): Promise<void> {
  if (state === undefined) throw new UsageError('export needs --state <dir>, the state directory of the service');
  if (meterId !== undefined && !METER_ID.test(meterId)) throw new UsageError(neither(meterId, exportFileCommands()));
  const person = whoLooks(as);
  if (out !== undefined) refuseExisting(out);
  await withState(state, async (platform) => {
    await recordTelemetryAccess(platform.as('export'), meterId, { purpose: 'export', person });
    const { fold } = await recorded(platform.as('auditor'));
    const readings = fold.sorted().filter((reading) => meterId === undefined || reading.meterId === meterId);
    const first = readings.next();
    const meters = new Set<string>();
    let count = 0;
    if (first.done && meterId !== undefined) throw new UsageError(`${meterId}: no readings in ${state}; see joulekeep stream list meter/`);
    const sink = out === undefined ? process.stdout : await fileSink(out);
    sink.write(csvHeader(PLAIN));
    const write = (reading: NonNullable<typeof first.value>) => {
      sink.write(plainLine(reading, reading));
      meters.add(reading.meterId);
      count++;
    };
    if (!first.done) write(first.value);
    for (const reading of readings) write(reading);
    if (out === undefined) return;
    await finished(sink.end());
    sayWritten(count, meters.size, out);
  });
}
