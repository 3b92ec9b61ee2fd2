import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withState } from '../../../bin/service/state.ts';
import { setEndpoint } from '../../../lambdas/deliver/endpoints.ts';
import { PERSON_ROLES } from '../../../topology/route.ts';
import type { SignInPlaces } from './people.ts';
import { townOf } from './town.ts';

const ROOT = dirname(dirname(dirname(import.meta.dirname)));
const JOULEKEEP = [join(ROOT, 'node_modules', '.bin', 'node'), join(ROOT, 'bin', 'joulekeep.ts')] as const;
const DAY_MS = 86_400_000;
const HALF_HOUR_MS = 1_800_000;
const HOMES = 12;
const DAYS = 4;
/** The town's own clock goes some days behind its data, and must not be ahead of ours. */
const BEGAN_DAYS_AGO = 9;
/** What no fuse lets through, on these days at these homes: the service holds the slots, and a person has to look. */
const SPIKE_WH = 15_000;
const SPIKED: readonly (readonly number[])[] = [[], [2, 5, 7], [2, 5, 7], [9]];

/**
 * A small town with work for operators: readings above the fuse, a feed that is pushed where nobody answers, and meters that fell
 * silent some days ago. @throws Error with what the town said when it does not serve
 */
export async function serveSpikedTown(): Promise<{ readonly town: SignInPlaces; readonly end: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'joulekeep-console-'));
  const [state, data] = [join(folder, 'state'), join(folder, 'data.csv')];
  writeFileSync(data, readingsFrom(Math.floor(Date.now() / DAY_MS - BEGAN_DAYS_AGO) * DAY_MS));
  const play = ['start', '--once', '--honest', '--data', data, '--days', String(DAYS), '--state', state];
  execFileSync(JOULEKEEP[0], [JOULEKEEP[1], ...play], { cwd: ROOT, stdio: 'ignore' });
  const passphrases = await withState(state, async (platform) => {
    const endpoint = { recipient: 'billing-system', feed: 'billing/bills', url: 'https://localhost:9/' };
    await setEndpoint(platform.as('deliver'), endpoint, 'demo-supervisor');
    const added: [string, string][] = [];
    for (const role of PERSON_ROLES) added.push([`demo-${role}`, await platform.identity.add(`demo-${role}`, { kind: 'person', role })]);
    return Object.fromEntries(added);
  });
  const child = spawn(JOULEKEEP[0], [JOULEKEEP[1], 'serve', '--state', state], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const end = async () => {
    await stopped(child);
    rmSync(folder, { recursive: true, force: true });
  };
  return { town: { ...townOf(await announced(child)), passphrases }, end };
}

function readingsFrom(begin: number): string {
  const homes = Array.from({ length: HOMES }, (_, home) => home);
  const rows = Array.from({ length: (DAYS + 1) * 48 }, (_, slot) => {
    const [day, half] = [Math.floor(slot / 48), slot % 48];
    const isEvening = half >= 34 && half <= 44;
    const values = homes.map((home) =>
      SPIKED[day]?.includes(home) && half === 20 + home ? SPIKE_WH : 60 + home * 7 + ((slot * 13 + home * 29) % 40) + (isEvening ? 150 : 0),
    );
    return [`${new Date(begin + slot * HALF_HOUR_MS).toISOString().slice(0, 19)}Z`, ...values].join(',');
  });
  return `${['start_utc', ...homes.map((home) => `home ${home + 1}`)].join(',')}\n${rows.join('\n')}\n`;
}

function announced(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/^Ctrl-C ends it\.$/m.test(said)) done(said);
    });
    child.once('exit', (code) => failed(new Error(`the town ended with ${code}:\n${said}`)));
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGINT');
  await ended;
}
