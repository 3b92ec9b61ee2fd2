const TAG = /<(script|link|style)\b([^>]*)>/g;
const INLINE = /<script\b(?![^>]*\bsrc=)|<style\b|\s(?:style|on[a-z]+)\s*=|\bjavascript:/i;

/** What of a page the policy of its headers would keep from running; undefined when there is nothing inline. */
export function inlineFault(html: string): string | undefined {
  return INLINE.test(html) ? 'has something inline' : undefined;
}

/** A page loads the loader by its hash and nothing else. @param loader its `sha384-...` */
export function pageFault(html: string, loader: string): string | undefined {
  const scripts = [...html.matchAll(TAG)].filter(
    ([, name, attributes]) => name !== 'link' || /\b(?:stylesheet|preload|modulepreload)\b/.test(attributes!),
  );
  if (scripts.length !== 1) return `loads ${scripts.length} things, not the loader alone`;
  const attributes = scripts[0]![2]!;
  if (!attributes.includes('src="/loader.js"') || !attributes.includes(`integrity="${loader}"`))
    return 'does not name the loader by its hash';
  return inlineFault(html);
}
