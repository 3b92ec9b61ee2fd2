import type { Coverage } from './coverage.ts';
import { mutated } from './mutate.ts';
import { Random } from './random.ts';
import { Broken, type FuzzTarget, isAnswer } from './target.ts';

/** An input with another outcome than an answer. */
export interface Finding {
  readonly target: string;
  readonly what: string;
  readonly input: Buffer;
}

export interface LoopOptions {
  readonly runs: number;
  /** Milliseconds; it ends at either. */
  readonly untilMs?: number;
  readonly seed: number;
  readonly corpus: readonly Uint8Array[];
  /** Without it inputs are changed blindly. */
  readonly coverage?: Coverage;
  /** Told before each execution, for whoever watches from outside. */
  readonly before?: (input: Buffer) => void;
}

export interface LoopResult {
  readonly executions: number;
  /** Those that were read as something; a refusal is none, whether it was thrown or told. */
  readonly understood: number;
  readonly corpus: readonly Buffer[];
  readonly findings: readonly Finding[];
}

/** Steps for a byte of input, and for none: what takes more does so for a stranger's pleasure. */
const STEPS_PER_BYTE = 4_000;
const STEPS = 200_000;
/** Different findings after which nothing more is learned from a target. */
const MOST_FINDINGS = 20;
const MOST_CORPUS = 4_000;

/** Tries inputs: those of the corpus as they are, then changed ones; what reaches new places joins the corpus. */
export async function fuzz(target: FuzzTarget, options: LoopOptions): Promise<LoopResult> {
  const random = new Random(options.seed);
  const dictionary = target.dictionary.map((word) => Buffer.from(word as string));
  const corpus = options.corpus.map((bytes) => Buffer.from(bytes));
  if (corpus.length === 0) corpus.push(Buffer.alloc(0));
  const findings = new Map<string, Finding>();
  const firsts = corpus.length;
  const matter = { random, dictionary, mostBytes: target.mostBytes, other: () => random.of(corpus) };
  let [executions, understood] = [0, 0];
  while (executions < Math.max(options.runs, firsts) && findings.size < MOST_FINDINGS) {
    if (options.untilMs !== undefined && executions % 256 === 255 && Date.now() > options.untilMs) break;
    // A new input is likelier to lead on than an old one.
    const parent = random.below(4) === 0 ? corpus[corpus.length - 1 - random.below(Math.min(32, corpus.length))]! : random.of(corpus);
    const input = executions < firsts ? corpus[executions]! : mutated(parent, matter);
    executions++;
    options.before?.(input);
    const outcome = await tried(target, input, options.coverage);
    if (outcome.understood) understood++;
    const { fault } = outcome;
    if (fault !== undefined && !findings.has(fault.key))
      findings.set(fault.key, { target: target.name, what: `${fault.key}: ${fault.words}`, input: Buffer.from(input) });
    if (outcome.isNew && executions > firsts && corpus.length < MOST_CORPUS) corpus.push(Buffer.from(input));
  }
  return { executions, understood, corpus, findings: [...findings.values()] };
}

interface Outcome {
  readonly understood: boolean;
  readonly isNew: boolean;
  readonly fault?: ReturnType<typeof faultOf>;
}

async function tried(target: FuzzTarget, input: Buffer, coverage: Coverage | undefined): Promise<Outcome> {
  let understood = false;
  let fault: Outcome['fault'];
  try {
    const running = target.run(Buffer.from(input));
    understood = typeof running === 'boolean' ? running : await running;
  } catch (error) {
    if (!isAnswer(error, target.codes)) fault = faultOf(error);
  }
  const isNew = coverage?.isNew() ?? false;
  if (coverage !== undefined && coverage.steps > STEPS + input.length * STEPS_PER_BYTE)
    fault ??= { key: 'too many steps', words: `${coverage.steps}` };
  return { understood, isNew, ...(fault === undefined ? {} : { fault }) };
}

/** One line by which the same fault is the same: its kind and the first file of ours; words, which name the input, come from the first. */
function faultOf(error: unknown): { readonly key: string; readonly words: string } {
  if (!(error instanceof Error)) return { key: 'thrown', words: String(error) };
  const room = /\/((?:protocol|exchange|api|lambdas|platform|events|domain|topology)\/[^\s():]+)/.exec(error.stack ?? '');
  const code = (error as Error & { code?: unknown }).code;
  const key = `${error.name}${code === undefined ? '' : ` ${String(code)}`}${error instanceof Broken ? ` ${error.message}` : ''} in ${room?.[1] ?? 'the bench'}`;
  return { key, words: error.message.slice(0, 120) };
}
