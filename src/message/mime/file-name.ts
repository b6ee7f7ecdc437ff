/** What is wrong with the name of an attachment, or with what it would be taken for. */
export type NameFlag =
  /** Characters that turn the direction of text: `invoice\u202efdp.exe` reads as `invoiceexe.pdf`. */
  | 'direction'
  /** Control characters, or ones that can not be seen. */
  | 'control'
  /** It named a folder: `..\..\run.bat`. */
  | 'path'
  /** `invoice.pdf.exe` */
  | 'double-extension'
  /** So much white space that the true ending is out of sight. */
  | 'padding'
  /** Runs when it is opened. */
  | 'executable'
  /** Opens in a browser and may carry script: HTML, SVG. */
  | 'active'
  /** An Office document that carries macros. */
  | 'macros'
  /** Longer than any file name. */
  | 'long';

export interface HarmlessName {
  /** Fit to be shown and to be a file's name everywhere; never empty. */
  name: string;
  /** Lower case, without its dot; empty: none. */
  extension: string;
  flags: NameFlag[];
}

/** Characters of a given name that are looked at. */
const MOST_GIVEN = 2000;
const MOST_CHARACTERS = 120;
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const UNSEEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;
/** They join and colour pictures of faces, and hide nothing worth a word. */
const JOINERS = /\ufe0e|\ufe0f|\u200d/g;
/** Full stops and slashes of other scripts that are taken for ours. */
const STOPS = /[\u2024\uff0e\u3002\uff61]/g;
const SLASHES = /[\u2044\u2215\u29f8\uff0f\ufe68\uff3c\u29f5\u29f9]/g;
/** Characters that some file system, shell or header takes for its own. */
const RESERVED = /[<>:"|?*%;`$]/g;
/** Windows takes digits above the line for digits, and passes over spaces before the dot. */
const DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)[\d\u00b9\u00b2\u00b3]|conin_|conout_)\s*(?:\.|$)/i;

const words = (text: string): Set<string> => new Set(text.split(' '));
const EXECUTABLE = words(
  'exe com scr pif bat cmd ps1 psm1 psd1 vb vbe vbs js jse wsf wsh wsc sct hta msi msp mst msix msixbundle appx appxbundle appinstaller application lnk url website library-ms search-ms searchconnector-ms cpl dll sys ocx drv reg inf ins isp chm hlp jar jnlp class gadget scf settingcontent-ms diagcab xll wll ade adp mde msc iso img vhd vhdx udl rdp one py pyc pyw rb sh bash command workflow app dmg pkg deb rpm apk elf run appimage desktop ws wsb shb shs ps1xml psc1 psc2 msh pyz pyzw pl ksh csh vsto xbap xnk theme themepack deskthemepack accde accda mda prg osd',
);
const ACTIVE = words('htm html xhtml xht shtml mht mhtml svg svgz xml xsl xslt swf');
/** Queries of Excel and its oldest sheets run what they name as macros do. */
const MACROS = words('iqy oqy rqy dqy slk xla xlm docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm');
const DOCUMENT = words(
  'pdf doc docx xls xlsx ppt pptx odt ods odp rtf txt csv jpg jpeg png gif bmp tif tiff webp mp3 mp4 wav avi mov zip rar 7z eml msg ics',
);

/**
 * Name for an attachment that came from a stranger.
 * @param given decoded, as its sender wrote it
 * @param fallback for a name of which nothing is left
 */
export function harmlessName(given: string, fallback: string): HarmlessName {
  const flags = new Set<NameFlag>();
  const told = (flag: NameFlag) => (): string => {
    flags.add(flag);
    return '';
  };
  let name = given.slice(0, MOST_GIVEN).toWellFormed().normalize('NFC');
  name = name
    .replaceAll(DIRECTION, told('direction'))
    .replaceAll(JOINERS, '')
    .replaceAll(UNSEEN, told('control'));
  name = name.replaceAll(STOPS, '.').replaceAll(SLASHES, '/');
  if (/[/\\]/.test(name)) flags.add('path');
  name = name.split(/[/\\]/).findLast((piece) => !/^[\s.]*$/.test(piece)) ?? '';
  if (/\s{5,}/.test(name)) flags.add('padding');
  name = name.replaceAll(/\s+/g, ' ').replaceAll(RESERVED, '_');
  // Windows drops dots and spaces at the end: what is before them is the true ending
  name = name.replaceAll(/^[\s.~-]+|[\s.]+$/g, '');
  if (DEVICE.test(name)) name = `_${name}`;
  const characters = Array.from(name);
  const extension = extensionOf(name);
  if (characters.length > MOST_CHARACTERS || given.length > MOST_GIVEN) {
    flags.add('long');
    const ending = extension === '' ? '' : `.${extension}`;
    name = `${characters.slice(0, MOST_CHARACTERS - ending.length - 1).join('')}\u2026${ending}`;
  }
  for (const flag of kindFlags(name, extension)) flags.add(flag);
  return { name: name === '' ? fallback : name, extension, flags: [...flags] };
}

function kindFlags(name: string, extension: string): NameFlag[] {
  const flags: NameFlag[] = [];
  if (EXECUTABLE.has(extension)) flags.push('executable');
  if (ACTIVE.has(extension)) flags.push('active');
  if (MACROS.has(extension)) flags.push('macros');
  if (flags.length === 0) return flags;
  const before = extensionOf(name.slice(0, -extension.length - 1).trimEnd());
  return DOCUMENT.has(before) ? ['double-extension', ...flags] : flags;
}

function extensionOf(name: string): string {
  return /\.([^.\s]{1,20})$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
