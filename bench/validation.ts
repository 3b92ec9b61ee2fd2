import { type ChannelDay, type ChannelFrame, makeChannelDay, resetChannelDay } from '../domain/vee/channel-day.ts';
import { VEE_POLICIES, type VeePolicy } from '../domain/vee/policy.ts';
import { validate } from '../domain/vee/validate.ts';
import { SLOT_SOURCES } from '../events/index.ts';
import { atMost, interleaved, type Result } from './measure.ts';
import { randomFrom } from './random.ts';

const POLICY = VEE_POLICIES.residential;
/** Nothing is that far from its median, so V11 has nothing to do. */
const WITHOUT_V11: VeePolicy = { ...POLICY, validation: { ...POLICY.validation, outlierFactor: Number.POSITIVE_INFINITY } };
const DAYS = 60;
const START = Date.UTC(2026, 0, 15) / 1000;

/**
 * Every rule of a day over homes' days with a register at each slot, as meters deliver them, each put into the one day that is
 * used again and again; the same without V11. Days of 96 slots carry the goals; the other lengths stand beside.
 */
export async function validation(rounds: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const slots of [96, 48, 288]) {
    const days = Array.from({ length: DAYS }, (_, n) => homeDay(slots, n + 1));
    const { all, rest } = perReading(rounds, days, slots);
    if (slots === 96) {
      results.push(atMost('validation, all rules', all, 'ns/reading', 100));
      results.push(atMost('validation without V11', rest, 'ns/reading', 20));
    } else {
      results.push({ name: `validation, all rules, days of ${slots}`, value: all, unit: 'ns/reading' });
      results.push({ name: `validation without V11, days of ${slots}`, value: rest, unit: 'ns/reading' });
    }
  }
  return results;
}

/** Medians of rounds measured in turn with rounds that only put the columns in, which is not validation. */
function perReading(rounds: number, homes: readonly HomeDay[], slots: number): { all: number; rest: number } {
  const day = makeChannelDay();
  const measured = new Uint8Array(slots).fill(SLOT_SOURCES.indexOf('measured'));
  let errors = 0;
  const run = (judge: (of: ChannelDay) => void) => {
    for (const { frame, counts, registers } of homes) {
      resetChannelDay(day, frame);
      day.counts.set(counts);
      day.registers.set(registers);
      day.sources.set(measured);
      judge(day);
      errors += day.dayErrors;
    }
  };
  const against = (policy: VeePolicy) => {
    const judged = () => run((of) => validate(of, policy));
    const { first, second } = interleaved(rounds, homes.length * slots, judged, () => run(nothing));
    return (first - second) * 1000;
  };
  const all = against(POLICY);
  const rest = against(WITHOUT_V11);
  if (errors !== 0) throw new Error('benchmark: a clean day has an error');
  return { all, rest };
}

function nothing(): void {}

interface HomeDay {
  readonly frame: ChannelFrame;
  readonly counts: Uint32Array;
  readonly registers: Float64Array;
}

/** A home's day in Wh: a base, a fridge that comes and goes, mornings and evenings, a cooker or a kettle now and then. */
function homeDay(slots: number, seed: number): HomeDay {
  const next = randomFrom(seed);
  const minutes = 1440 / slots;
  const asset = { direction: 'import', unit: 'Wh', scale: 1, dials: 8, multiplier: 1 } as const;
  const frame = { start: START, end: START + 86_400, minutes, asset, capacity: 400 * minutes, registerBefore: 1_000_000 };
  const counts = new Uint32Array(slots);
  const registers = new Float64Array(slots);
  let register = frame.registerBefore;
  for (let i = 0; i < slots; i++) {
    const hour = (i * minutes) / 60;
    const awake = hour > 6.5 && hour < 23 ? 1 : 0;
    const evening = Math.exp(-((hour - 19) ** 2) / 6);
    const watts =
      90 + 70 * (next() < 0.4 ? 1 : 0) + awake * 150 * next() + 500 * evening * next() + (awake && next() < 0.06 ? 2200 * next() : 0);
    counts[i] = Math.round((watts * minutes) / 60);
    register += counts[i]!;
    registers[i] = register;
  }
  return { frame, counts, registers };
}
