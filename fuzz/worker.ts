import { parentPort, workerData } from 'node:worker_threads';
import { corpusOf, hashOf, keep } from './corpus.ts';
import { IstanbulCoverage } from './coverage.ts';
import { instrument } from './instrument.ts';
import { fuzz } from './loop.ts';
import type { FuzzTarget } from './target.ts';
import type { Told, WorkerTask } from './watch.ts';

const task = workerData as WorkerTask;
const tell = (told: Told) => parentPort!.postMessage(told);
const counter = new Int32Array(task.shared, 0, 2);
const shown = new Uint8Array(task.shared, 8);

/** What is tried now, where the watcher can read it when nothing comes back. */
function show(input: Buffer): void {
  shown.set(input.subarray(0, shown.length));
  counter[1] = input.length;
  Atomics.add(counter, 0, 1);
}

async function run(target: FuzzTarget): Promise<void> {
  const coverage = new IstanbulCoverage(task.root, target.covers);
  // Whatever counted while modules were loaded and seeds were made is no news.
  const seeds = await target.seeds();
  coverage.isNew();
  const known = [...seeds, ...corpusOf(target.name)];
  const corpus = known.filter((input, i) => known.findIndex((other) => hashOf(other) === hashOf(input)) === i);
  const options = { runs: task.runs, untilMs: Date.now() + task.seconds * 1_000, seed: task.seed, corpus, coverage, before: show };
  const result = await fuzz(target, options);
  const kept = task.keep ? keep(target.name, result.corpus.slice(corpus.length)) : 0;
  const { executions, understood, findings } = result;
  tell({ executions, understood, findings, kept, places: coverage.places, reached: coverage.reached, corpus: result.corpus.length });
}

// Node says once that stripping types is experimental; nobody who tries parsers needs to know.
process.removeAllListeners('warning');
instrument(task.root, task.covers);
const { TARGETS } = await import('./targets.ts');
await run(TARGETS.find(({ name }) => name === task.target)!);
