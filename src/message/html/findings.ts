import type { LinkFlag } from './link.ts';

/** A link of a message, for people to look at before they follow it anywhere. */
export interface FoundLink {
  text: string;
  target: string;
  flags: LinkFlag[];
}

/** What was taken out of the HTML of a message, and what of it is worth a look. */
export interface HtmlFindings {
  /** Pictures that would have been fetched. */
  remoteImages: number;
  /** Of those: so small that they are there to tell who reads. */
  trackingPixels: number;
  /** Style sheets and backgrounds that would have been fetched. */
  remoteStyles: number;
  /** Script elements, event handlers and links that run script. */
  scripts: number;
  forms: number;
  /** Fields for a password. */
  passwordFields: number;
  /** Frames, objects, sound and film. */
  embedded: number;
  /** Tags that would have led the reader elsewhere by themselves. */
  redirects: number;
  /** Pictures that the message names and does not have, that are none, or that are too large. */
  missingImages: number;
  links: FoundLink[];
  /** There are more links than were kept. */
  moreLinks: boolean;
  /** Deeper than elements may be within each other: the tags of what is deeper were left out. */
  tooDeep: boolean;
  /** Not all of it was read or written. */
  cut: boolean;
}

export function noFindings(): HtmlFindings {
  return {
    remoteImages: 0,
    trackingPixels: 0,
    remoteStyles: 0,
    scripts: 0,
    forms: 0,
    passwordFields: 0,
    embedded: 0,
    redirects: 0,
    missingImages: 0,
    links: [],
    moreLinks: false,
    tooDeep: false,
    cut: false,
  };
}
