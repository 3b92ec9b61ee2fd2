import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Something that must be nowhere: raw, and as it would look in text. */
export interface Known {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The forms in which bytes may lie about: as they are, hexadecimal, and base64 at each of its three alignments. */
function formsOf(bytes: Buffer): Buffer[] {
  const aligned = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // characters that other bytes share are left out at both ends
    return text.slice(shift === 0 ? 0 : shift + 1, text.length - ((((shift + bytes.length) % 3) + 2) % 3) - 1);
  });
  return [bytes, ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...aligned].map((text) => Buffer.from(text))];
}

/** @returns names of what was found, each with where */
export function found(places: ReadonlyMap<string, Buffer>, known: readonly Known[]): string[] {
  return known.flatMap(({ name, bytes }) => {
    const forms = formsOf(bytes);
    return [...places].filter(([, content]) => forms.some((form) => content.includes(form))).map(([place]) => `${name} in ${place}`);
  });
}

/** Every file under a directory, by its path inside. @param leaveOut path prefixes */
export function filesOf(directory: string, leaveOut: readonly string[] = []): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, name);
    if (statSync(path).isFile() && !leaveOut.some((prefix) => name.startsWith(prefix))) files.set(name, readFileSync(path));
  }
  return files;
}

/**
 * A copy of files that a service has open, made by another process: closing a database file in this one would drop the
 * locks this process holds on it.
 */
export function copyOf(directory: string, to: string): string {
  execFileSync('cp', ['-r', directory, to]);
  return to;
}
