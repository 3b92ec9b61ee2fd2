/** A file of an application as it is sent to browsers, in every content coding that there is of it. */
export interface SiteFile {
  readonly body: Buffer;
  /** Smaller than the body; by content coding, the best first. */
  readonly encoded: readonly { readonly coding: 'br' | 'gzip'; readonly body: Buffer }[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without quotes. */
  readonly etag: string;
}

export interface SiteReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const COMPRESSED = /^(?:text\/|application\/json|image\/svg)/;

/** Whether files of a type get smaller by a content coding. */
export function isCompressed(contentType: string | undefined): boolean {
  return COMPRESSED.test(contentType ?? '');
}

/** The file in the best encoding that the caller takes, or 304 when it has it. @param asked headers by lower-case name */
export function siteReply(
  { body, encoded, headers, etag }: SiteFile,
  asked: Readonly<Record<string, string | readonly string[] | undefined>>,
): SiteReply {
  const taken = codings(asked['accept-encoding']);
  const best = encoded.find(({ coding }) => taken.has(coding));
  const tag = `"${etag}${best === undefined ? '' : `-${best.coding}`}"`;
  const common = { ...headers, etag: tag, vary: 'accept-encoding' };
  const known = valuesOf(asked['if-none-match']).map((value) => value.replace(/^W\//, ''));
  if (known.includes(tag)) return { status: 304, headers: common, body: Buffer.alloc(0) };
  if (best === undefined) return { status: 200, headers: common, body };
  return { status: 200, headers: { ...common, 'content-encoding': best.coding }, body: best.body };
}

/** @source RFC 9110 12.5.3 (a weight of 0 is a refusal) */
function codings(header: string | readonly string[] | undefined): ReadonlySet<string> {
  const entries = valuesOf(header).map((entry) =>
    entry
      .toLowerCase()
      .split(';')
      .map((part) => part.trim()),
  );
  return new Set(entries.filter(([, weight]) => !/^q=0(?:\.0*)?$/.test(weight ?? '')).map(([coding]) => coding ?? ''));
}

function valuesOf(header: string | readonly string[] | undefined): readonly string[] {
  return String(header ?? '')
    .split(',')
    .map((value) => value.trim());
}
