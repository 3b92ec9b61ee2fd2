import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeWhole } from '../../bin/whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulekeep-whole-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a whole file', () => {
  it('holds all that was written, in order, however much', () => {
    const path = join(folder, 'a');
    const line = `${'x'.repeat(999)}\n`;
    writeWhole(path, (write) => {
      for (let i = 0; i < 3_000; i++) write(i % 2 === 0 ? line : Buffer.from(line));
      expect(existsSync(path)).toBe(false);
    });
    expect(readFileSync(path, 'utf8')).toBe(line.repeat(3_000));
  });

  it('does not take the place of a folder', () => {
    const path = mkdtempSync(join(folder, 'folder-'));
    expect(() => writeWhole(path, (write) => write('all'))).toThrow(`${path} can't be written (EISDIR): name a file`);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('is not there when its making fails, and what was there stays', () => {
    const path = join(folder, 'b');
    writeFileSync(path, 'before');
    const failing = () =>
      writeWhole(path, (write) => {
        write('half');
        throw new Error('no more');
      });
    expect(failing).toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
