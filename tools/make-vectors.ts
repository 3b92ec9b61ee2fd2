import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { batchVectors, downlinkVectors } from './vectors/downlinks.ts';
import { frameVectors, ladderVectors, plaintextVectors } from './vectors/frames.ts';
import { handshakeVectors, manifestVectors } from './vectors/handshake.ts';
import { profileVectors } from './vectors/profile.ts';

/** Where the vectors lie, `/` at the end. */
export const VECTORS_FOLDER = fileURLToPath(new URL('../protocol/vectors/', import.meta.url));

/** Every vector file as text, byte for byte the same on every run. Bytes are lowercase hex. */
export async function makeVectors(): Promise<Map<string, string>> {
  const files: Record<string, object> = {
    'ladder.json': ladderVectors(),
    'plaintext.json': await plaintextVectors(),
    'frame.json': await frameVectors(),
    'handshake.json': await handshakeVectors(),
    'downlink.json': downlinkVectors(),
    'profile.json': await profileVectors(),
    'manifest.json': await manifestVectors(),
    'batch.json': batchVectors(),
  };
  const text = (content: object): string =>
    `${JSON.stringify(plain({ title: 'JK1 vectors, see docs/protocol.md', ...content }), null, 2)}\n`;
  return new Map(Object.entries(files).map(([name, content]) => [name, text(content)]));
}

function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

if (import.meta.main) {
  mkdirSync(VECTORS_FOLDER, { recursive: true });
  for (const [name, text] of await makeVectors()) writeFileSync(VECTORS_FOLDER + name, text);
}
