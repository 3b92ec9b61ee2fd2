import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Offer } from './offer.ts';

const STYLE = [
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}',
  'dt{font-weight:600}dd{margin:0 0 .7rem}form{display:flex;gap:1rem}',
  'button{flex:1 1 0;font:inherit;padding:.8rem;border:2px solid #111;border-radius:.3rem;background:#fff;color:#111}',
].join('');
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * The page that asks: no script, nothing from elsewhere, saying no as easy and as large as saying yes.
 * @param returnsTo address that the browser goes to after the answer
 */
export function askingPage({ lines }: Offer, uid: string, returnsTo: string): APIGatewayProxyResult {
  const list = lines.map(([label, text]) => `<dt>${escaped(label)}</dt><dd>${escaped(text)}</dd>`).join('');
  const form = `<form method="post" action="/oauth/consent/${encodeURIComponent(uid)}"><button name="decision" value="deny">Don’t allow</button><button name="decision" value="allow">Allow</button></form>`;
  return page(200, 'Share your energy data?', `<dl>${list}</dl>${form}`, `'self' ${new URL(returnsTo).origin}`);
}

/** What a browser gets that has nothing to answer here. */
export function plainPage(status: number, title: string, text: string): APIGatewayProxyResult {
  return page(status, title, `<p>${escaped(text)}</p>`, "'none'");
}

function page(statusCode: number, title: string, content: string, formAction: string): APIGatewayProxyResult {
  const policy = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`;
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style>`;
  return {
    statusCode,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'referrer-policy': 'no-referrer' },
    body: `<!doctype html><html lang="en"><head>${head}</head><body><h1>${escaped(title)}</h1>${content}</body></html>`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
