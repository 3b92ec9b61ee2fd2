import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type GateReport, roomsIn } from './sources.ts';

interface CruiseResult {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[];
  };
  readonly modules: readonly { readonly source: string }[];
}

/** The import table, enforced by dependency-cruiser over every room under `root`. `seen` counts modules of ours. */
export async function importsGate(root: string): Promise<GateReport> {
  const rooms = roomsIn(root);
  const result = await cruise(root, rooms);
  const ours = result.modules.filter(({ source }) => rooms.some((room) => source.startsWith(`${room}/`)));
  const findings = result.summary.violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`);
  return { seen: ours.length, findings };
}

function cruise(root: string, rooms: readonly string[]): Promise<CruiseResult> {
  const script = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [script, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...rooms];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`dependency-cruiser gave no result: ${stderr.trim() || error?.message}`));
      else resolve(JSON.parse(stdout) as CruiseResult);
    });
  });
}
