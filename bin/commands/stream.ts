import { Command } from 'commander';
import { recordedFrames } from '../../domain/telemetry/opened-frame.ts';
import type { DomainEvent, FrameColumns } from '../../events/index.ts';
import type { BodyReader } from '../../lambdas/shared/retained/checkpoints.ts';
import { keptFrom } from '../../lambdas/shared/retained/kept-commits.ts';
import { readStandIn } from '../../lambdas/shared/retained/stand-ins.ts';
import { openAudit } from '../../platform/embedded/audit.ts';
import { recordTelemetryAccess } from '../exchange/export-source.ts';
import { withState } from '../service/state.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { whoLooks } from '../terminal/person.ts';

/** `joulekeep stream show <stream>` and `stream list`. */
export function streamCommand(): Command {
  const show = new Command('show')
    .description('show what a stream recorded, decrypted, a line per event')
    .argument('<stream>', 'e.g. segment/00000, meter/<meterId>, relay/dc-1')
    .requiredOption('--state <dir>', 'state directory of the service')
    .option('--from <version>', 'first version', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--json', 'one JSON object per event')
    .option('--frames', 'list the frames inside FramesAccepted and FramesHeld')
    .option('--as <name>', 'who looks, for the record of opened telemetry; your user name when absent')
    .addHelpText(
      'after',
      '\nOf a segment, --frames and --json open readings: the access is on record first, and no service may run on the state directory.',
    )
    .action(showStream);
  const list = new Command('list')
    .description('list the names of streams')
    .argument('[prefix]', 'e.g. meter/', '')
    .requiredOption('--state <dir>', 'state directory of the service')
    .action(listStreams);
  return new Command('stream').description('look into event streams').addCommand(show).addCommand(list);
}

interface ShowOptions {
  readonly state: string;
  readonly from: number;
  readonly json?: true;
  readonly frames?: true;
  readonly as?: string;
}

async function showStream(stream: string, options: ShowOptions): Promise<void> {
  const opensReadings = stream.startsWith('segment/') && (options.frames ?? options.json ?? false);
  if (!opensReadings) {
    const audit = openAudit(options.state);
    return await writeStream(audit, stream, options).finally(audit.close);
  }
  const person = whoLooks(options.as);
  await withState(options.state, async (platform) => {
    await recordTelemetryAccess(platform.as('export'), undefined, { purpose: 'audit', person });
    await writeStream(platform.as('auditor'), stream, options);
  });
}

async function writeStream(reader: BodyReader, stream: string, { state, from, json, frames }: ShowOptions): Promise<void> {
  const { events } = reader;
  let shown = 0;
  const kept = await keptFrom(events, stream);
  if (from < kept) process.stdout.write(`deleted behind a signed checkpoint: everything up to version ${kept - 1}\n`);
  if (from < kept && !stream.startsWith('segment/')) process.stdout.write(`${await standInLine(reader, stream)}\n`);
  for await (const commit of events.read(stream, Math.max(from, kept))) {
    let { version } = commit;
    if (commit.erased) process.stdout.write(`${version}  (erased)\n`);
    for (const event of commit.events) {
      process.stdout.write(json ? `${asJson(version, commit.recordedAt, event)}\n` : asLine(version, commit.recordedAt, event));
      if (frames && !json && 'frames' in event.data && typeof event.data.frames === 'object') writeFrames(event.data.frames);
      version++;
      shown++;
    }
  }
  if (shown === 0 && from === 0 && kept === 0) throw new UsageError(`${stream}: no such stream in ${state}; see joulekeep stream list`);
}

/** What stands in for what is gone: of a concentrator how it stood, of accesses their summary. */
async function standInLine(reader: BodyReader, stream: string): Promise<string> {
  return `stands in for it: ${JSON.stringify((await readStandIn(reader, stream))?.state, allBytes)}`;
}

async function listStreams(prefix: string, { state }: { state: string }): Promise<void> {
  const audit = openAudit(state);
  try {
    let found = 0;
    for await (const stream of audit.events.streams(prefix)) {
      process.stdout.write(`${stream}\n`);
      found++;
    }
    if (found === 0) process.stderr.write(`no stream begins with ${JSON.stringify(prefix)}\n`);
  } finally {
    audit.close();
  }
}

function asLine(version: number, recordedAt: number, event: DomainEvent): string {
  return `${String(version).padStart(6)}  ${new Date(recordedAt).toISOString()}  ${event.type}  ${JSON.stringify(event.data, shortBytes)}\n`;
}

function asJson(version: number, recordedAt: number, event: DomainEvent): string {
  return JSON.stringify({ version, recordedAt: new Date(recordedAt).toISOString(), ...event }, allBytes);
}

function writeFrames(columns: FrameColumns): void {
  const header = Buffer.from(columns.header);
  for (const { frame, i } of recordedFrames(columns)) {
    const meterId = header.toString('hex', i * 20, i * 20 + 8);
    const values = Array.from(frame.deltas.subarray(0, frame.count), (delta) => (delta === 0xffff ? '-' : delta)).join(' ');
    const what =
      frame.count === 0
        ? `kind ${frame.kind}`
        : `channel ${frame.channel} until ${new Date(frame.end * 1000).toISOString()} register ${frame.register}: ${values}`;
    process.stdout.write(`          ${meterId} epoch ${frame.epoch} counter ${frame.counter} ${what}\n`);
  }
}

/** Buffers reach a replacer as `toJSON` made them. */
function bytesOf(value: unknown): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value)
    return Buffer.from(value.data as number[]);
  return undefined;
}

function allBytes(_key: string, value: unknown): unknown {
  return bytesOf(value)?.toString('hex') ?? value;
}

/** Of readings it shows how many bytes they are. */
function shortBytes(key: string, value: unknown): unknown {
  const bytes = bytesOf(value);
  if (bytes === undefined) return value;
  if (key === 'plaintext') return `(${bytes.length} bytes)`;
  return bytes.length <= 16 ? bytes.toString('hex') : `${bytes.toString('hex', 0, 8)}… (${bytes.length} bytes)`;
}
