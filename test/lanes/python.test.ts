import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipError } from '../../tools/lanes/python.ts';

const LANES = join(import.meta.dirname, '../../tools/lanes');

describe('The requirements of a lane', () => {
  it.each(['localstack-requirements.txt', 'localstack-build-requirements.txt', 'ministack-requirements.txt'])(
    '%s names exact versions with hashes, and nowhere to get them from',
    (file) => {
      const lines = readFileSync(join(LANES, file), 'utf8').trimEnd().split('\n');
      const packages = lines.filter((line) => !line.startsWith('    --hash=sha256:'));
      expect(packages.length).toBeGreaterThan(1);
      for (const line of packages) expect(line).toMatch(/^[a-z0-9-]+(\[[a-z,]+\])?==[0-9a-z.]+( ; .+)? \\$/);
      expect(lines.length).toBeGreaterThanOrEqual(2 * packages.length);
      expect(lines.join('\n')).not.toMatch(/https?:|index-url|find-links/);
    },
  );
});

describe('What pip says when it fails', () => {
  it('is one line about the index when that is out of reach', () => {
    const said =
      'WARNING: Retrying (Retry(total=4)) after connection broken by NewConnectionError\nERROR: No matching distribution found for h2';
    expect(pipError('ministack', said).message).toBe(
      "ministack can't be installed: the Python package index is out of reach; check the network or proxy",
    );
  });

  it('is its first reason otherwise', () => {
    const said = 'WARNING: a\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  more\n';
    expect(pipError('ministack', said).message).toBe(
      "ministack can't be installed: THESE PACKAGES DO NOT MATCH THE HASHES; delete .lanes/ministack and run the command again",
    );
  });
});
