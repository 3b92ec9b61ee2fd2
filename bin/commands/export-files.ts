import { Command } from 'commander';
import type { DisclosureGrounds } from '../../events/index.ts';
import { csvHeader, FULL, fullLine } from '../../exchange/csv/readings-writer.ts';
import { MARKET_OFFSET_MINUTES, stampAt, writeNem12, writeNem13 } from '../../exchange/nem/from-slots.ts';
import { NemWriter } from '../../exchange/nem/writer.ts';
import type { LaneSlots, Window } from '../../exchange/slots.ts';
import { WarehouseWriter } from '../../exchange/warehouse.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { closedLanes, recordTelemetryAccess } from '../exchange/export-source.ts';
import { meterLogLines } from '../exchange/meter-logs.ts';
import { nemQuality } from '../exchange/nem-quality.ts';
import { refuseExisting, writeWhole } from '../exchange/whole-file.ts';
import { withState } from '../service/state.ts';
import { calendarDay, wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { whoLooks } from '../terminal/person.ts';
import { counted } from '../texts/counted.ts';

const DAY_SECONDS = 86_400;
const CLOSED = 'Of closed days alone; no service may run on the state directory';

interface FileOptions {
  readonly state: string;
  /** UTC ms of the day. */
  readonly from: number;
  readonly days: number;
  readonly meter?: string;
  readonly point?: string;
  readonly as?: string;
  readonly out: string;
}

interface NemOptions extends FileOptions {
  readonly nmi?: string;
  readonly sender: string;
  readonly receiver: string;
}

interface ParquetOptions extends FileOptions {
  readonly who?: string;
  readonly purpose?: string;
  readonly legalBasis?: string;
}

/** `joulekeep export csv|nem12|nem13|parquet|logs`: a window of closed days, or of logs, into a file that is whole or not there. */
export function exportFileCommands(): Command[] {
  const csv = fileCommand('csv', `CSV with quality, register, revision, edit and state; days of UTC. ${CLOSED}`).action(exportCsv);
  const nem = (['NEM12', 'NEM13'] as const).map((version) =>
    fileCommand(version.toLowerCase(), `${version} of AEMO's meter data file format; days of market time, UTC+10. ${CLOSED}`)
      .option('--nmi <id>', 'National Metering Identifier to write; with --meter or --point')
      .option('--sender <id>', 'participant that sends', 'JOULEKEEP')
      .option('--receiver <id>', 'participant that receives', '')
      .action((options: NemOptions) => exportNem(version, options)),
  );
  const parquet = fileCommand(
    'parquet',
    `Parquet for a data warehouse; days of UTC. Says in itself who exported it, why, and on what legal basis. ${CLOSED}`,
  )
    .option('--who <name>', 'who exports')
    .option('--purpose <text>', 'what for')
    .option('--legal-basis <text>', 'law, contract or consent that allows it')
    .action(exportParquet);
  const logs = fileCommand(
    'logs',
    'events that meters reported as CSV, or with --quality what they measured of the grid; days of UTC. No service may run on the state directory',
  )
    .option('--quality', 'voltage, frequency and power factor instead of events')
    .action(exportLogs);
  return [csv, ...nem, parquet, logs];
}

function fileCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--state <dir>', 'state directory of the service')
    .requiredOption('--from <day>', 'first day, e.g. 2013-06-01', calendarDay)
    .requiredOption('--days <n>', 'number of days', wholeNumber(1, 4_000))
    .option('--meter <id>', 'only this meter')
    .option('--point <id>', 'only this usage point')
    .option('--as <name>', 'who exports, for the record; your user name when absent')
    .requiredOption('--out <file>', 'file to write; one that is there stays as it is');
}

function windowOf({ from, days }: FileOptions, utcOffsetMinutes = 0): Window {
  const begin = from / 1000 - utcOffsetMinutes * 60;
  return { from: begin, until: begin + days * DAY_SECONDS };
}

/**
 * What closed days say of the window, opened behind a record of it.
 * @throws UsageError when there is nothing to export
 */
async function lanesOf(
  { state, meter, point, as, out }: FileOptions,
  window: Window,
  grounds?: DisclosureGrounds,
): Promise<readonly LaneSlots[]> {
  if (meter !== undefined && point !== undefined) throw new UsageError('--meter and --point: give one of them');
  refuseExisting(out);
  const selection = { ...(meter === undefined ? {} : { meter }), ...(point === undefined ? {} : { point }) };
  const on = { person: whoLooks(as), ...(grounds && { grounds }) };
  const lanes = await withState(state, (platform) => closedLanes(platform.as('export'), window, selection, on));
  if (lanes.length > 0) return lanes;
  throw new UsageError(
    `no closed day of ${meter ?? point ?? 'any meter'} in this window in ${state}; see joulekeep stream list meterday/, and joulekeep export for readings of days not closed yet`,
  );
}

async function exportCsv(options: FileOptions): Promise<void> {
  const lanes = await lanesOf(options, windowOf(options));
  writeWhole(options.out, (write) => {
    write(csvHeader(FULL));
    for (const { lane, slots } of lanes) for (const slot of slots) write(fullLine(lane, slot));
  });
  said(lanes, options.out);
}

async function exportNem(version: 'NEM12' | 'NEM13', options: NemOptions): Promise<void> {
  const { meter, point, nmi, sender, receiver, out } = options;
  if (nmi !== undefined && meter === undefined && point === undefined) throw new UsageError('--nmi needs --meter or --point');
  const window = windowOf(options, MARKET_OFFSET_MINUTES);
  const lanes = await lanesOf(options, window);
  const now = stampAt(Math.floor(Date.now() / 1000), MARKET_OFFSET_MINUTES);
  const terms = { quality: nemQuality, utcOffsetMinutes: MARKET_OFFSET_MINUTES, updatedAt: now };
  const points = Map.groupBy(lanes, ({ lane }) => nmi ?? (lane.usagePoint === '' ? lane.meterId : lane.usagePoint));
  writeWhole(out, (write) => {
    const writer = new NemWriter(write);
    writer.header({ version, created: now.slice(0, 12), from: sender, to: receiver });
    for (const [usagePoint, of] of points) {
      const named = of.map(({ lane, slots }) => ({ lane: { ...lane, usagePoint }, slots }));
      if (version === 'NEM12') writeNem12(writer, named, window, terms);
      else writeNem13(writer, named, window, terms);
    }
    writer.end();
  });
  said(lanes, out);
  const foreign = [...points.keys()].filter((id) => id.length !== 10).length;
  if (foreign > 0)
    process.stderr.write(`${foreign} of the ids are no NMI (10 characters): AEMO's systems want --nmi, or usage points named by it\n`);
}

async function exportParquet(options: ParquetOptions): Promise<void> {
  const { who = '', purpose = '', legalBasis = '', out } = options;
  if ([who, purpose, legalBasis].some((text) => text.trim() === ''))
    throw new UsageError(
      'a warehouse gets readings only with --who, --purpose and --legal-basis: they are recorded in the file and with the access',
    );
  const window = windowOf(options);
  const lanes = await lanesOf(options, window, { who, purpose, legalBasis });
  const producer = `joulekeep ${packageJson.version}`;
  writeWhole(out, (write) => {
    const writer = new WarehouseWriter(write, { who, purpose, legalBasis, window, producer, at: Date.now() });
    for (const lane of lanes) writer.lane(lane);
    writer.end();
  });
  said(lanes, out);
}

async function exportLogs(options: FileOptions & { readonly quality?: true }): Promise<void> {
  if (options.point !== undefined) throw new UsageError('logs are of meters: give --meter');
  refuseExisting(options.out);
  const kind = options.quality ? 'quality' : 'events';
  const person = whoLooks(options.as);
  const lines = await withState(options.state, async (platform) => {
    await recordTelemetryAccess(platform.as('export'), options.meter, { purpose: 'export', person });
    return meterLogLines(platform.as('auditor').events, kind, windowOf(options), options.meter);
  });
  writeWhole(options.out, (write) => {
    for (const line of lines) write(line);
  });
  process.stdout.write(`${counted(lines.length - 1, 'entry', 'entries')} written to ${options.out}\n`);
}

function said(lanes: readonly LaneSlots[], out: string): void {
  const readings = lanes.reduce((sum, { slots }) => sum + [...slots].length, 0);
  const meters = new Set(lanes.map(({ lane }) => lane.meterId)).size;
  sayWritten(readings, meters, out);
}

/** What a file has that was written whole. */
export function sayWritten(readings: number, meters: number, out: string): void {
  process.stdout.write(`${counted(readings, 'reading')} of ${counted(meters, 'meter')} written to ${out}\n`);
}
