import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaneError, progress } from './lane-error.ts';
import { LANES } from './places.ts';

export interface PythonTool {
  readonly name: string;
  /** Oldest minor version of Python 3 that has what the requirements name. */
  readonly python3Minor: number;
  /** Requirement files beside this one, every line with its hash, in the order of installation. */
  readonly requirements: readonly string[];
}

/**
 * A private virtual environment with what the requirement files name, made once: pip accepts nothing whose hash isn't there.
 * @returns its Python
 * @throws LaneError when Python, its venv module or the package index is missing
 */
export function pythonWith(tool: PythonTool): string {
  const folder = join(LANES, tool.name, 'venv');
  const stamp = join(folder, 'installed');
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = fingerprint(tool);
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  const system = systemPython(tool);
  progress(`installing ${tool.name} into .lanes/${tool.name}, once`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(LANES, tool.name), { recursive: true });
  const made = spawnSync(system, ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.status !== 0)
    throw new LaneError(`${tool.name} needs Python's venv module`, 'install it (python3-venv) and run the command again');
  for (const file of tool.requirements) installFrom(tool, python, file);
  writeFileSync(stamp, wanted);
  return python;
}

function fingerprint({ requirements }: PythonTool): string {
  const sum = createHash('sha256');
  for (const file of requirements) sum.update(readFileSync(join(import.meta.dirname, file)));
  return sum.digest('hex');
}

function systemPython({ name, python3Minor }: PythonTool): string {
  const remedy = `install Python 3.${python3Minor} or newer and run the command again`;
  const command = process.platform === 'win32' ? 'python' : 'python3';
  const asked = spawnSync(command, ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8' });
  if (asked.status !== 0) throw new LaneError(`${name} needs Python, and ${command} is missing`, remedy);
  const [major = 0, minor = 0] = asked.stdout.trim().split(' ').map(Number);
  if (major !== 3 || minor < python3Minor) throw new LaneError(`${name} needs a newer Python than ${major}.${minor}`, remedy);
  return command;
}

function installFrom({ name }: PythonTool, python: string, file: string): void {
  // Build tools come from a requirement file too: isolation would fetch them without a hash.
  const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--require-hashes', '--no-deps', '--no-build-isolation'];
  const pip = spawnSync(python, ['-m', 'pip', 'install', ...options, '-r', join(import.meta.dirname, file)], { encoding: 'utf8' });
  if (pip.status === 0) return;
  throw pipError(name, pip.stderr ?? '');
}

/** One line out of pip's many. */
export function pipError(name: string, stderr: string): LaneError {
  if (/NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError|ReadTimeout|SSLError|Max retries|from versions: none/.test(stderr))
    return new LaneError(`${name} can't be installed: the Python package index is out of reach`, 'check the network or proxy');
  const lines = stderr.split('\n').map((line) => line.replace(/^ERROR: /, '').trim());
  const told = lines.find((line) => line !== '' && !line.startsWith('WARNING'));
  return new LaneError(`${name} can't be installed: ${told ?? 'pip gave no reason'}`, `delete .lanes/${name} and run the command again`);
}
