import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMessages, takeLanguages } from '../../web/shared/i18n.ts';
import { loadTexts } from '../../web/shared/texts.ts';

const FILE = { path: '/assets/texts-fr.json', integrity: 'sha384-x' };
const LEFT = { en: { count: '{n} homes' } } as never;

afterEach(() => {
  vi.unstubAllGlobals();
  takeLanguages(['en'], null);
});

function serve(answer: () => Promise<Response>) {
  const asked = vi.fn<(path: string, init: RequestInit) => Promise<Response>>(answer);
  vi.stubGlobal('fetch', asked);
  vi.stubGlobal('__TEXT_FILES__', { fr: FILE });
  return asked;
}

describe('texts that the build put apart', () => {
  it('need no file where all languages are in the script', async () => {
    const asked = vi.fn();
    vi.stubGlobal('fetch', asked);
    expect(await loadTexts('fr')).toBe(true);
    expect(asked).not.toHaveBeenCalled();
  });

  it('are not had without network, or when they are refused', async () => {
    serve(() => Promise.reject(new TypeError('offline')));
    expect(await loadTexts('fr')).toBe(false);
    serve(() => Promise.resolve(new Response('', { status: 404 })));
    expect(await loadTexts('fr')).toBe(false);
  });

  it('are English until they came, and come once, checked by their hash', async () => {
    const asked = serve(() => Promise.resolve(Response.json({ 'web/a.ts': { count: '{n} logements' } })));
    const t = createMessages<'count'>(LEFT, 'web/a.ts');
    takeLanguages(['fr'], null);
    expect(t('count', { n: 2 })).toBe('2 homes');
    expect(await loadTexts('fr')).toBe(true);
    expect(await loadTexts('fr')).toBe(true);
    expect(t('count', { n: 2 })).toBe('2 logements');
    expect(asked).toHaveBeenCalledTimes(1);
    expect(asked.mock.calls[0]).toEqual([FILE.path, expect.objectContaining({ integrity: FILE.integrity })]);
  });
});
