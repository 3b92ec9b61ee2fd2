import { addMonths } from '../../../domain/tariff/dates.ts';
import type { DeviceRole, Directory } from '../../../platform/ports/platform.ts';
import { utcDate } from '../days/utc-date.ts';
import { fingerprintOf, readCertificate } from './certificates.ts';

const PREFIX = 'certificate-end/';
/** The one that a device got last. */
const NEWEST = 'newest-certificate/';

/** When the certificate of a device ends. */
export interface CertificateEnd {
  readonly thing: string;
  readonly role: DeviceRole;
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  /** UTC ms. */
  readonly notAfter: number;
}

/** Notes when certificates end, in the order in which they do. What is none is not noted. @param devices certificates in DER */
export async function noteEnds(
  directory: Pick<Directory, 'put'>,
  devices: readonly { readonly thing: string; readonly role: DeviceRole; readonly certificate: Buffer }[],
): Promise<void> {
  const entries = devices.flatMap(({ thing, role, certificate }) => {
    const notAfter = readCertificate(certificate)?.validToDate.getTime();
    if (notAfter === undefined) return [];
    const end: CertificateEnd = { thing, role, fingerprint: fingerprintOf(certificate), notAfter };
    const value = Buffer.from(JSON.stringify(end));
    return [
      { key: `${PREFIX}${utcDate(notAfter)}/${end.fingerprint}`, value },
      { key: NEWEST + thing, value },
    ];
  });
  if (entries.length > 0) await directory.put(entries);
}

/** Certificates that end on these dates, both included, by their date; what was revoked meanwhile is among them. At most so many. */
export async function endsBetween(
  directory: Pick<Directory, 'list'>,
  { from, until }: { readonly from: number; readonly until: number },
  most: number,
): Promise<readonly CertificateEnd[]> {
  const found: CertificateEnd[] = [];
  const [first, last] = [utcDate(from), utcDate(until)];
  // A list of a month costs what one of a day does.
  for (let month = monthOf(first); month <= monthOf(last); month = monthOf(addMonths(`${month}-01`, 1))) {
    for await (const { key, value } of directory.list(`${PREFIX}${month}-`)) {
      const date = key.slice(PREFIX.length, key.lastIndexOf('/'));
      if (date > last || found.length >= most) return found;
      if (date < first) continue;
      found.push(JSON.parse(value.toString()) as CertificateEnd);
    }
  }
  return found;
}

/** Of the newest certificate of each device. */
export async function endsOf(
  directory: Pick<Directory, 'getMany'>,
  things: readonly string[],
): Promise<readonly (CertificateEnd | undefined)[]> {
  const found = await directory.getMany(things.map((thing) => NEWEST + thing));
  return found.map((value) => value && (JSON.parse(value.toString()) as CertificateEnd));
}

function monthOf(date: string): string {
  return date.slice(0, 7);
}
