import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Finding } from './loop.ts';

export interface WorkerTask {
  readonly root: string;
  readonly target: string;
  readonly covers: readonly string[];
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  /** Put what led to new places into the tree. */
  readonly keep: boolean;
  /** Executions begun, length of the input, the input. */
  readonly shared: SharedArrayBuffer;
}

/** What came of a target. */
export interface Told {
  readonly executions: number;
  readonly understood: number;
  readonly findings: readonly Finding[];
  readonly kept: number;
  readonly places: number;
  readonly reached: number;
  readonly corpus: number;
}

/** An input that is not answered within this time is a finding; far more than any needs on a busy machine. */
const HANG_MS = 20_000;
/** Memory of the thread that tries, MB: an input that wants more is a finding. */
const HEAP_MB = 512;

/** Runs one target in a thread of its own, and ends it where an input takes no end or too much memory. */
export function watch(task: Omit<WorkerTask, 'shared'>, mostBytes: number): Promise<Told> {
  const shared = new SharedArrayBuffer(8 + mostBytes);
  const counter = new Int32Array(shared, 0, 2);
  const worker = new Worker(join(import.meta.dirname, 'worker.ts'), {
    workerData: { ...task, shared },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const input = () => Buffer.from(new Uint8Array(shared, 8, Math.min(mostBytes, counter[1]!)));
  return new Promise((resolve, reject) => {
    let [seen, since] = [0, Date.now()];
    const timer = setInterval(() => {
      const now = Atomics.load(counter, 0);
      if (now !== seen || now === 0) [seen, since] = [now, Date.now()];
      else if (Date.now() - since > HANG_MS) end(failed('no answer within 20 s'));
    }, 500);
    const end = (told: Told | Error) => {
      clearInterval(timer);
      void worker.terminate();
      if (told instanceof Error) reject(told);
      else resolve(told);
    };
    const failed = (what: string): Told => {
      const findings = [{ target: task.target, what, input: input() }];
      return { executions: counter[0]!, understood: 0, findings, kept: 0, places: 0, reached: 0, corpus: 0 };
    };
    worker.on('message', end);
    worker.on('error', (error: Error & { code?: string }) => {
      end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? failed(`more than ${HEAP_MB} MB`) : error);
    });
  });
}
