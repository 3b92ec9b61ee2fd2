import { expect, it } from 'vitest';
import { piecesOf } from '../../web/console/model/stream-name.ts';

it('a stream of accesses may break before who opened, so that the table leaves room for the hash; its name stays whole', () => {
  expect(piecesOf('access/2026-11-26.third-party-api')).toEqual(['access/2026-11-26.', 'third-party-api']);
  expect(piecesOf('access/2026-11-26.usage-api.f')).toEqual(['access/2026-11-26.', 'usage-api.', 'f']);
  expect(piecesOf('meter/00')).toEqual(['meter/00']);
});
