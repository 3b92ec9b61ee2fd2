import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Stock } from '../../devices/fleet/protocol.ts';
import type { TownRequest } from '../../devices/fleet/town.ts';
import { doorLines, keptLine } from '../service/door-ports.ts';
import type { DoorPorts } from '../service/doors.ts';
import { Service } from '../service/service.ts';
import { shownApplications } from '../site/sites.ts';
import { writeCompiledCode } from '../terminal/compiled-code.ts';
import { writeAudiences } from './audience-views.ts';
import { TownClock } from './clock.ts';
import { closeBooks } from './closing.ts';
import { closingSummary, writeClosing } from './closing-report.ts';
import { writeCutOff } from './cut-off.ts';
import { FleetProcess } from './fleet-process.ts';
import { keepServing } from './keep-serving.ts';
import { instant, play } from './play.ts';
import { ProgressBar } from './progress.ts';
import { reconcile, summary, writeReconciliation } from './report.ts';
import { livingSpanOf, type Span, spanOf, TOWN_ZONE } from './span.ts';

/** What `start` was asked for. */
export interface TownRun {
  readonly town: TownRequest;
  readonly days: number;
  readonly once: boolean;
  readonly json: boolean;
  /** Kept when given; else a directory of its own that is removed at the end. */
  readonly state?: string;
  readonly doorPorts: DoorPorts;
}

interface Running {
  readonly run: TownRun;
  readonly stateDir: string;
  readonly fleet: FleetProcess;
  readonly say: (line: string) => void;
  /** Ctrl-C. */
  readonly interruption: AbortSignal;
  readonly interrupted: Promise<'interrupted'>;
}

/** From nothing to a reconciled town; sets the process's exit code. */
export async function runTown(run: TownRun): Promise<void> {
  const stateDir = run.state === undefined ? mkdtempSync(join(tmpdir(), 'joulekeep-')) : resolve(run.state);
  const say = (line: string) => void (run.json || process.stdout.write(`${line}\n`));
  const fleet = new FleetProcess(stateDir);
  const controller = new AbortController();
  const { signal: interruption } = controller;
  const interrupted = new Promise<'interrupted'>((done) => interruption.addEventListener('abort', () => done('interrupted')));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  const running = { run, stateDir, fleet, say, interruption, interrupted };
  try {
    const stock = await Promise.race([fleet.ask({ type: 'commission', town: run.town }, 'stock'), interrupted]);
    if (stock !== 'interrupted') return await playAndServe(running, stock);
    await fleet.abandon();
    sayInterrupted(running);
  } finally {
    await fleet.stop();
    if (run.state === undefined) rmSync(stateDir, { recursive: true, force: true });
  }
}

async function playAndServe(running: Running, stock: Stock): Promise<void> {
  const { run, stateDir, fleet, say, interrupted } = running;
  const lives = stock.end === undefined;
  const span = run.once || !lives ? spanOf(stock, run.days) : livingSpanOf(stock, run.days, Date.now());
  const clock = new TownClock(stock.resumedAt ?? stock.start);
  const service = await Service.boot({
    stateDir,
    clock,
    timer: false,
    keepsAll: true,
    ...(run.once ? {} : shownApplications(say)),
    doorPorts: run.doorPorts,
  });
  let anybody = false;
  try {
    say(`Joulekeep is up: MQTT over mutual TLS at ${service.platform.broker.url}, state in ${stateDir}`);
    for (const line of doorLines(service.doors, run.state !== undefined)) say(line);
    writeCompiledCode();
    if (!(await commission(running, service, stock))) return sayInterrupted(running);
    if (span.from === span.to)
      say(
        `Going on from ${instant(span.from)} to the present. So far back that late readings have come and its bills are final, no whole day lies since: no books are closed.`,
      );
    else if (!(await playAndClose(running, { service, clock }, stock, span))) return sayInterrupted(running);
    const catchingUp = new ProgressBar('living on', run.json);
    const kept = run.state !== undefined;
    if (!run.once) {
      await keepServing({ service, fleet, clock, say, stateDir, kept, lives, bar: catchingUp }, interrupted);
      say('Ending: what is under way is finished first. Ctrl-C again ends it at once.');
    }
    anybody = service.platform.identity.list().length > 0;
  } finally {
    await service.close();
  }
  if (run.once && run.state !== undefined) say(keptLine(stateDir, anybody));
  if (!run.once)
    say(run.state === undefined ? 'Ended. State is removed.' : `Ended. All of it is in ${stateDir}: the same command goes on.`);
}

/** @returns false when it was interrupted */
async function playAndClose(
  { run, stateDir, fleet, say, interrupted }: Running,
  { service, clock }: { readonly service: Service; readonly clock: TownClock },
  stock: Stock,
  span: Span,
): Promise<boolean> {
  const bar = new ProgressBar('playing', run.json);
  const played = await Promise.race([play({ service, fleet, clock }, span, bar), interrupted]);
  if (played === 'interrupted') {
    bar.end();
    return false;
  }
  const reconciliation = await reconcile(service, stateDir, played);
  if (!run.json) {
    writeReconciliation(reconciliation, say);
    await writeCutOff(service.platform.as('auditor'), stock.meters, say);
  }
  const closing = await closeBooks(service, clock, { ...span, zone: TOWN_ZONE, ends: stock.end !== undefined }, reconciliation.recorded);
  if (run.json) process.stdout.write(`${JSON.stringify({ ...summary(reconciliation), ...closingSummary(closing) })}\n`);
  else writeClosing(closing, say);
  const { intervalMinutes = 15 } = run.town;
  if (!run.json && closing !== undefined)
    await writeAudiences({ service, clock, stateDir, zone: TOWN_ZONE, closing, intervalMinutes }, say);
  if (!reconciliation.holds || closing?.holds === false) process.exitCode = 1;
  return true;
}

function sayInterrupted({ say, run }: Running): void {
  say(`Interrupted. ${run.state === undefined ? 'State is removed.' : 'State is kept: the same command goes on.'}`);
  process.exitCode = 130;
}

/** @returns false when interrupted: what is enrolled by then stays, and the next run enrols the rest */
async function commission({ fleet, say, run, interruption }: Running, service: Service, stock: Stock): Promise<boolean> {
  const bar = new ProgressBar('enrolling', run.json);
  const onProgress = (done: number, total: number) => bar.at(done / total, `${done} of ${total} meters`);
  const enrolling = service.commission(stock, { onProgress, signal: interruption });
  const answer = await enrolling.catch((error: unknown) => {
    if (error !== interruption.reason) throw error;
  });
  bar.end();
  if (answer === undefined) return false;
  await fleet.ask(answer, 'commissioned');
  const heardByTwo = stock.meters.filter(({ relays }) => relays.length > 1).length;
  const placed = stock.meters.filter(({ spare }) => !spare);
  const heads = placed.filter(({ asset }) => asset.meterClass === 'grid').length;
  const meters = `${placed.length - heads} meters${heads === 0 ? '' : ` and ${heads} at the heads of feeders`}`;
  say(`${meters} enrolled behind ${stock.concentrators.length} concentrators, ${heardByTwo} of them heard by two`);
  if (run.town.adversary !== undefined && stock.resumedAt === undefined)
    say(`${run.town.adversary} is hostile until this town's first play is over: it forges, replays, withholds and drops`);
  return true;
}
