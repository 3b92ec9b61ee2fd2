import { randomBytes } from 'node:crypto';
import { HomeDisplay } from '../../devices/home-display/display.ts';
import { type Fetch, followOnce } from '../../devices/home-display/follow.ts';
import { CAREFUL, plainLine, type Screen, screenLines, UNMEASURED } from '../../devices/home-display/terminal.ts';
import { readKeyListOf } from '../../protocol/key-list.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { UsageError } from '../terminal/fail.ts';
import { checkedProgram, type DisplayHome } from './display-home.ts';

export interface Watch {
  readonly zone: string;
  readonly programs: readonly string[];
  readonly timeZone: string;
  readonly optOut: boolean;
  readonly once: boolean;
}

const REFRESH_MS = 5_000;
/** Rounds between two questions to the service. */
const ASK_EVERY = 6;

/** Follows the price until it is interrupted, or once. On a terminal the screen is renewed in place, elsewhere a line tells what changed. */
export async function watchPrice(home: DisplayHome, fetch: Fetch, watch: Watch, interrupted: AbortSignal): Promise<void> {
  const display = displayIn(home, watch);
  const out = process.stdout;
  let drawn = 0;
  let before = '';
  for (let round = 0; !interrupted.aborted; round++) {
    if (round % ASK_EVERY === 0) await followOnce(display, fetch, watch.zone, watch.programs);
    const screen = screenOf(display, watch);
    if (out.isTTY || watch.once) {
      const lines = screenLines(screen);
      out.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ''}${lines.join('\n')}\n`);
      drawn = lines.length;
    } else {
      const line = plainLine(screen);
      if (line.slice(17) !== before) out.write(`${line}\n`);
      before = line.slice(17);
    }
    if (watch.once) return;
    await pause(REFRESH_MS, interrupted);
  }
}

/** A display in its home, started when its program is what was signed and not older than the newest key list allows. */
export function displayIn(
  home: DisplayHome,
  { zone, programs, optOut }: Pick<Watch, 'zone' | 'programs' | 'optOut'>,
  clock: { now(): number } = { now: () => Date.now() },
): HomeDisplay {
  const display = new HomeDisplay({
    zone,
    programs,
    limits: { ...CAREFUL, optOut },
    root: home.root,
    record: home.record,
    clock,
    random: randomBytes,
    defences: ALL_DEFENCES,
    identity: home.identity,
  });
  const { program, keyList, days, live } = display.memory;
  const followed = live?.zone ?? days.at(-1)?.zone;
  if (followed !== undefined && followed !== zone)
    throw new UsageError(`--zone: this display follows ${followed}; give another folder for ${zone}`);
  display.started(checkedProgram(home, Math.max(program, readKeyListOf(keyList)?.minProgram ?? 1)));
  return display;
}

function screenOf(display: HomeDisplay, { zone, timeZone }: Watch): Screen {
  const { decisions, reports } = display.memory;
  const shedW = display.shed(UNMEASURED);
  return { zone, timeZone, now: display.now, shown: display.shown(), upcoming: display.upcoming(), decisions, reports, shedW };
}

function pause(milliseconds: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    interrupted.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}
