/** Octets that are enough to tell what a file is. */
export const TYPE_OCTETS = 1024;

type Family = 'program' | 'image' | 'document' | 'archive' | 'media' | 'markup' | 'text';

export interface FileType {
  type: string;
  family: Family;
  /** What content of this kind may truly be called besides. */
  also?: RegExp;
}

const OFFICE =
  /officedocument|opendocument|ms-(?:excel|word|powerpoint|office|visio|xpsdocument)|msword|epub/;
const ZIP: FileType = {
  type: 'application/zip',
  family: 'archive',
  also: new RegExp(`zip|java-archive|android\\.package|kmz|${OFFICE.source}`),
};

const SIGNATURES: [at: number, octets: string, found: FileType][] = [
  [0, 'MZ', { type: 'application/vnd.microsoft.portable-executable', family: 'program' }],
  [0, '\x7fELF', { type: 'application/x-elf', family: 'program' }],
  [0, '\xca\xfe\xba\xbe', { type: 'application/java-vm', family: 'program' }],
  [0, '\xcf\xfa\xed\xfe', { type: 'application/x-mach-binary', family: 'program' }],
  [0, '\xce\xfa\xed\xfe', { type: 'application/x-mach-binary', family: 'program' }],
  [0, 'L\0\0\0\x01\x14\x02\0', { type: 'application/x-ms-shortcut', family: 'program' }],
  [0, '#!', { type: 'text/x-shellscript', family: 'program' }],
  [0, 'ITSF', { type: 'application/vnd.ms-htmlhelp', family: 'program' }],
  [0, '%PDF-', { type: 'application/pdf', family: 'document', also: /pdf|illustrator/ }],
  [
    0,
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    { type: 'application/x-ole-storage', family: 'document', also: /ms-|msword|outlook|visio|office|x-msi/ },
  ],
  [0, '{\\rtf', { type: 'application/rtf', family: 'document', also: /rtf|msword|richtext/ }],
  [0, '\x89PNG\r\n\x1a\n', { type: 'image/png', family: 'image' }],
  [0, '\xff\xd8\xff', { type: 'image/jpeg', family: 'image', also: /jpe?g|pjpeg/ }],
  [0, 'GIF87a', { type: 'image/gif', family: 'image' }],
  [0, 'GIF89a', { type: 'image/gif', family: 'image' }],
  [8, 'WEBPVP8', { type: 'image/webp', family: 'image' }],
  [0, 'II*\0', { type: 'image/tiff', family: 'image' }],
  [0, 'MM\0*', { type: 'image/tiff', family: 'image' }],
  [0, 'PK\x03\x04', ZIP],
  [0, 'PK\x05\x06', ZIP],
  [0, 'Rar!\x1a\x07', { type: 'application/vnd.rar', family: 'archive', also: /rar/ }],
  [0, '7z\xbc\xaf\x27\x1c', { type: 'application/x-7z-compressed', family: 'archive' }],
  [0, '\x1f\x8b', { type: 'application/gzip', family: 'archive', also: /gzip|tar|tgz|svg/ }],
  [0, 'BZh', { type: 'application/x-bzip2', family: 'archive', also: /bzip|tar/ }],
  [0, '\xfd7zXZ\0', { type: 'application/x-xz', family: 'archive', also: /xz|tar/ }],
  [0, 'MSCF', { type: 'application/vnd.ms-cab-compressed', family: 'archive', also: /cab|tnef/ }],
  [4, 'ftyp', { type: 'video/mp4', family: 'media', also: /^(?:video|audio)\/|heic|heif|avif/ }],
  [0, 'ID3', { type: 'audio/mpeg', family: 'media', also: /^audio\// }],
  [0, 'OggS', { type: 'audio/ogg', family: 'media', also: /^(?:video|audio)\/|ogg/ }],
  [8, 'WAVE', { type: 'audio/wav', family: 'media', also: /^audio\// }],
];

/** Declared types that say nothing. */
const ANYTHING = /^application\/(?:octet-stream|x-download|force-download|binary|unknown|x-unknown)$/;
/** What declares itself a program may be one. */
const PROGRAM =
  /msdownload|portable-executable|x-(?:dosexec|msdos|executable|elf|sh|shellscript|ms-shortcut|mach|java)|java-vm|htmlhelp|chm/;
const OF_EXTENSION: [RegExp, Family[]][] = [
  [/^(?:png|jpe?g|gif|webp|bmp|tiff?|ico|heic)$/, ['image', 'media']],
  [/^(?:pdf|docx?|xlsx?|pptx?|rtf|od[tsp])$/, ['document', 'archive']],
  [/^(?:txt|csv|log|ics|vcf|json)$/, ['text']],
];

/** What a file is by its first octets (`TYPE_OCTETS` of them); undefined when they say nothing. */
export function fileType(beginning: Buffer): FileType | undefined {
  const text = beginning.toString('latin1', 0, TYPE_OCTETS);
  const signature = SIGNATURES.find(([at, octets]) => text.startsWith(octets, at));
  if (signature) return signature[2];
  const markup = text.replace(/^(?:\xef\xbb\xbf|\s)+/, '').toLowerCase();
  if (/^<(?:!doctype html|html|head|body|script|iframe|meta|title)\b/.test(markup)) {
    return { type: 'text/html', family: 'markup', also: /html/ };
  }
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)?(?:<!doctype svg[^>]*>\s*)?<svg\b/.test(markup)) {
    return { type: 'image/svg+xml', family: 'markup', also: /svg|xml/ };
  }
  if (markup.startsWith('<?xml')) return { type: 'text/xml', family: 'markup', also: /xml/ };
  return undefined;
}

/** Whether content is something else than it is said to be: by its declared type, or by the ending of its name. */
export function isDisguised(found: FileType | undefined, declared: string, extension: string): boolean {
  if (!found) return false;
  const expected = OF_EXTENSION.find(([pattern]) => pattern.test(extension))?.[1];
  if (expected && !expected.includes(found.family)) return true;
  if (found.family === 'program') return !PROGRAM.test(declared) && !ANYTHING.test(declared);
  if (declared === found.type || found.also?.test(declared) || ANYTHING.test(declared)) return false;
  if (found.family === 'markup') return !declared.startsWith('text/');
  return true;
}
