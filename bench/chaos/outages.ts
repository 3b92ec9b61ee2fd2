import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Part, Trouble } from '../../test/support/faults.ts';
import { arrive, unanswered } from './arrivals.ts';
import { broken, figures, latencyOf, type Outcome, type Promises } from './outcome.ts';
import { Stage, type Theatre } from './stage.ts';

const FRAMES_PER_SECOND = 250;
/** A second of the machine is a minute of the service: ten minutes are ten seconds, and a visibility of 180 s is three. */
const SPEED = 60;
/** Of audiences and prices; what looks at every meter each hour would do so every minute. */
const SCHEDULES = ['key-duties', 'ems', 'prices', 'redeliver', 'consent', 'bill-runs'];
const BEFORE_SECONDS = 5;
const OUTAGE_SECONDS = 10;
const AFTER_SECONDS = 3;

export interface Outage {
  readonly part: Part;
  readonly trouble: Trouble;
  /** Half of the town, and forty meters without a key, speak for the first time meanwhile: whoever is known asks for little. */
  readonly arrivals?: true;
  /** In words; how long, and how fast, is the same for all of them. */
  readonly done: string;
}

/** A service of the outside world does not answer for ten minutes, over the change of an hour, at which every stream needs another key. */
export async function outage(theatre: Theatre, scenario: string, { part, trouble, arrivals, done }: Outage): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario, { speed: SPEED, schedules: SCHEDULES, timer: true });
  try {
    const devices = await stage.devices(1, arrivals ? 10 : 20);
    const newcomers = arrivals && (await stage.devices(11, 20));
    await stage.send(devices, FRAMES_PER_SECOND, 2);
    // In the middle of the outage the hour changes.
    await stage.align(60 - BEFORE_SECONDS - OUTAGE_SECONDS / 2);
    const before = await stage.send(devices, FRAMES_PER_SECOND, BEFORE_SECONDS);
    await stage.trouble(part, trouble);
    const [during] = await Promise.all([
      stage.send(devices, FRAMES_PER_SECOND, OUTAGE_SECONDS),
      ...(newcomers ? [arrive(stage, newcomers, OUTAGE_SECONDS)] : []),
    ]);
    const { refused: inOutage } = await stage.standing();
    await stage.trouble(part, undefined);
    await stage.send(devices, FRAMES_PER_SECOND, AFTER_SECONDS);
    const drained = await stage.drained();
    const { aside } = await stage.standing();
    if (aside.length > 0) await stage.service.ask({ type: 'redrive' }, 'done');
    const standing = await stage.standing();
    const counted = await stage.count();
    const refused = standing.refused[part];
    const latencies = { before: latencyOf(before, counted, SPEED), during: latencyOf(during, counted, SPEED) };
    const faults = broken(counted, standing, drained, {});
    if (trouble.kind !== 'slow' && refused === 0) faults.push(`nobody asked the ${part} meanwhile`);
    if (arrivals) faults.push(...unanswered(stage.town, counted.agreed, inOutage[part]));
    const how = trouble.kind === 'slow' ? '' : `; ${refused.toLocaleString('en')} calls refused`;
    const redriven = aside.length > 0 ? `; ${aside.length} positions set aside and redriven` : '';
    const late = arrivals
      ? `; 1,000 meters speak for the first time, ${counted.agreed} of ${stage.town.newcomers.length} HELLOs answered`
      : '';
    const all = `${done}, 10 min at ${SPEED} times the speed${late}${how}${redriven}`;
    return { scenario, done: all, ...figures(counted), ...latencies, drained, broken: faults };
  } finally {
    await stage.close();
  }
}

const KILLS = 12;
const KILL_SECONDS = 5;

/** The service dies every five seconds for a minute; devices go on and keep what is not acknowledged. */
export async function killed(theatre: Theatre, scenario: string): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario, { retryMs: 500 });
  try {
    const devices = await stage.devices(1, 20);
    await stage.send(devices, FRAMES_PER_SECOND, 2);
    const before = await stage.send(devices, FRAMES_PER_SECOND, BEFORE_SECONDS);
    const [during] = await Promise.all([stage.send(devices, FRAMES_PER_SECOND, KILLS * KILL_SECONDS), killAndBoot(stage)]);
    const drained = await stage.drained();
    const standing = await stage.standing();
    const counted = await stage.count();
    const latencies = { before: latencyOf(before, counted), during: latencyOf(during, counted) };
    const done = `kill -9 every ${KILL_SECONDS} s, ${KILLS} times`;
    return { scenario, done, ...figures(counted), ...latencies, drained, broken: broken(counted, standing, drained, {}) };
  } finally {
    await stage.close();
  }
}

async function killAndBoot(stage: Stage): Promise<void> {
  for (let kill = 0; kill < KILLS; kill++) {
    await wait(KILL_SECONDS * 1000);
    await stage.service.kill();
    await stage.boot();
  }
}

const FULL_SECONDS = 10;
const VISIBILITY_SECONDS = 180;

/** No file of the service may grow any more, as on a full disk, by a limit of its process; then there is room again. */
export async function diskFull(theatre: Theatre, scenario: string): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario, { retryMs: 1_000 });
  try {
    const devices = await stage.devices(1, 20);
    await stage.send(devices, FRAMES_PER_SECOND, 2);
    const before = await stage.send(devices, FRAMES_PER_SECOND, BEFORE_SECONDS);
    await limitFiles(stage.service.pid, String(smallestLog(stage.stateDir)));
    const [during] = await Promise.all([
      stage.send(devices, FRAMES_PER_SECOND, FULL_SECONDS),
      wait(FULL_SECONDS * 1000).then(() => limitFiles(stage.service.pid, 'unlimited')),
    ]);
    await stage.send(devices, FRAMES_PER_SECOND, AFTER_SECONDS);
    // What was done and could not be said so shows again when its visibility ends.
    const drained = await stage.drained(VISIBILITY_SECONDS + 20);
    const standing = await stage.standing();
    const counted = await stage.count();
    const latencies = { before: latencyOf(before, counted), during: latencyOf(during, counted) };
    const done = `no file can grow for ${FULL_SECONDS} s (RLIMIT_FSIZE)`;
    return { scenario, done, ...figures(counted), ...latencies, drained, broken: broken(counted, standing, drained, {}) };
  } finally {
    await stage.close();
  }
}

/** Below every write-ahead log and the log of the service: none of them can take a byte more. */
function smallestLog(stateDir: string): number {
  const sizes = readdirSync(stateDir).filter((name) => name.endsWith('-wal') || name === 'log.jsonl');
  return Math.min(...sizes.map((name) => statSync(join(stateDir, name)).size).filter((size) => size > 0));
}

async function limitFiles(pid: number, soft: string): Promise<void> {
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`]);
}

const HOUR = 3_600_000;
const JUMPS = [400 * 24 * HOUR, -400 * 24 * HOUR, 2 * HOUR, -2 * HOUR] as const;
const JUMP_SECONDS = 6;

/** The service's clock jumps and comes back. What it refuses meanwhile was not accepted: devices keep it and send it again. */
export async function clockJumps(theatre: Theatre, scenario: string): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario, { schedules: ['maintenance', 'key-duties'], timer: true, retryMs: 1_000 });
  try {
    const devices = await stage.devices(1, 20);
    await stage.send(devices, FRAMES_PER_SECOND, 2);
    const before = await stage.send(devices, FRAMES_PER_SECOND, BEFORE_SECONDS);
    const { secrets } = await stage.standing();
    for (const by of JUMPS) {
      await stage.drained();
      await stage.service.ask({ type: 'jump', by, run: false }, 'done');
      await stage.send(devices, FRAMES_PER_SECOND, JUMP_SECONDS);
      await stage.service.ask({ type: 'jump', by: -by, run: false }, 'done');
    }
    const during = await stage.send(devices, FRAMES_PER_SECOND, BEFORE_SECONDS);
    const drained = await stage.drained();
    const standing = await stage.standing();
    const counted = await stage.count();
    const latencies = { before: latencyOf(before, counted), during: latencyOf(during, counted) };
    const promises: Promises = { mayBeSetAside: true };
    const faults = broken(counted, standing, drained, promises);
    if (standing.secrets < secrets) faults.push(`${secrets - standing.secrets} secrets destroyed by a clock that was wrong`);
    const late = during.filter((batch) => !counted.whole.has(`${batch.dcId} ${batch.sequence}`)).length;
    if (late > 0) faults.push(`${late} of ${during.length} batches refused after the clock was right again`);
    const done = `+400 d, -400 d, +2 h, -2 h, each for ${JUMP_SECONDS} s and back; latency is that after the last`;
    return { scenario, done, ...figures(counted), ...latencies, drained, broken: faults };
  } finally {
    await stage.close();
  }
}
