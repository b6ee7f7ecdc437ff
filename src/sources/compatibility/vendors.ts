export interface VendorHint {
  vendor: string;
  /** Where its web page has the settings, as far as that is common to its models. */
  menu: string;
}

/** Paths of the built-in web pages, in English, as the manuals of current office models have them. */
const VENDORS: readonly (VendorHint & { pattern: RegExp })[] = [
  {
    vendor: 'Brother',
    pattern: /\b(brother|brn[0-9a-f]{6,12}|brw[0-9a-f]{6,12})\b/,
    menu: 'Network > Protocol > SMTP > Advanced Settings',
  },
  {
    vendor: 'Canon',
    pattern: /\b(canon|imagerunner|imageclass|i-?sensys)\b/,
    menu: 'Settings/Registration > TX Settings > Network TX Settings > E-Mail/I-Fax',
  },
  {
    vendor: 'Epson',
    pattern: /\b(epson|workforce|epson[0-9a-f]{6})\b/,
    menu: 'Network > Email Server > Basic',
  },
  {
    vendor: 'HP',
    pattern: /\b(hp|hewlett|laserjet|officejet|npi[0-9a-f]{6})\b/,
    menu: 'Scan/Digital Send > Email Setup > Outgoing Email Servers (SMTP)',
  },
  {
    vendor: 'Konica Minolta',
    pattern: /\b(konica|minolta|bizhub)\b/,
    menu: 'Administrator > Network > E-mail Setting > E-mail TX (SMTP)',
  },
  {
    vendor: 'Kyocera',
    pattern: /\b(kyocera|taskalfa|ecosys)\b/,
    menu: 'Function Settings > E-mail > SMTP (Command Center RX)',
  },
  { vendor: 'Lexmark', pattern: /\blexmark\b/, menu: 'Settings > E-mail > E-mail Setup' },
  {
    vendor: 'Ricoh',
    pattern: /\b(ricoh|aficio|savin|lanier|gestetner)\b/,
    menu: 'Device Management > Configuration > Device Settings > E-mail (Web Image Monitor)',
  },
  { vendor: 'Synology', pattern: /\b(synology|diskstation)\b/, menu: 'Control Panel > Notification > Email' },
  {
    vendor: 'Xerox',
    pattern: /\b(xerox|workcentre|altalink|versalink)\b/,
    menu: 'Properties > Connectivity > Setup > SMTP',
  },
  {
    vendor: 'APC',
    pattern: /\b(apc|schneider|smart-?ups)\b/,
    menu: 'Configuration > Notification > E-mail > Server',
  },
];

/** By a word in what people and the device itself call it; undefined when none is known. */
export function vendorHint(text: string): VendorHint | undefined {
  const words = text.toLowerCase().replaceAll(/[_.-]/g, ' ');
  const found = VENDORS.find(({ pattern }) => pattern.test(words));
  return found && { vendor: found.vendor, menu: found.menu };
}
