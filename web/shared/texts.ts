/** What the build put apart, by language: where it lies, and the hash by which the browser checks it. */
declare const __TEXT_FILES__: Readonly<Record<string, { readonly path: string; readonly integrity: string } | undefined>>;

/** By the place in the source, then by key. */
type Texts = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

const fetched = new Map<string, Texts>();

/** Texts of a language that are not in the script. @returns false when they could not be had */
export async function loadTexts(language: string): Promise<boolean> {
  const file = typeof __TEXT_FILES__ === 'undefined' ? undefined : __TEXT_FILES__[language];
  if (file === undefined || fetched.has(language)) return true;
  try {
    const answer = await fetch(file.path, { integrity: file.integrity, credentials: 'omit', redirect: 'error' });
    if (!answer.ok) return false;
    fetched.set(language, (await answer.json()) as Texts);
    return true;
  } catch {
    return false;
  }
}

/** Of one place in the source. */
export function textsOf(language: string, place: string | undefined): Readonly<Record<string, unknown>> | undefined {
  return place === undefined ? undefined : fetched.get(language)?.[place];
}
