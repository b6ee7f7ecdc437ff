import type { HeaderField, HeaderIndex } from '../message/headers.ts';

/**
 * Fields that only a receiving service may set: whoever sends them in from outside wants to be taken for it. Exchange
 * Online strips its own at the front door as well; here they go before they get there, and so do ours.
 */
const SERVICE =
  /^(?:x-ms-exchange-(?:organization|crosstenant|crosspremises|forest|antispam|authentication)-.*|x-ms-exchange-(?:external.*|skiplisted.*|parent-message-id|authentication-results)|x-forefront-antispam-report.*|x-microsoft-antispam.*|x-eop.*|authentication-results-original|x-postern-.*|return-path)$/;

/** Fields of the head that are taken out at the edge. */
export function serviceFields(index: HeaderIndex): HeaderField[] {
  return index.fields.filter(({ name }) => SERVICE.test(name));
}
