import { type HtmlFindings, noFindings } from './findings.ts';
import { readHtml } from './reader.ts';
import { TextWriter } from './text-writer.ts';
import { HtmlWriter, type ImageOf } from './writer.ts';

export interface SafeHtml {
  /** A whole document that fetches nothing and does nothing. */
  document: string;
  findings: HtmlFindings;
}

/** HTML of a stranger, made so that it can be looked at. */
export async function safeHtml(html: string, imageOf?: ImageOf): Promise<SafeHtml> {
  const findings = noFindings();
  const writer = new HtmlWriter(findings, imageOf);
  await readHtml(html, writer, findings);
  return { document: documentOf(writer.styles, writer.body), findings };
}

/** What HTML says, as text. */
export async function htmlText(html: string): Promise<{ text: string; cut: boolean }> {
  const findings = noFindings();
  const writer = new TextWriter();
  await readHtml(html, writer, findings);
  return { text: writer.result, cut: findings.cut };
}

// mail is made for white paper, whatever the colours around it
const OWN_STYLE =
  'html{color-scheme:light;background:#fff}body{margin:0;padding:16px;color:#111;background:#fff;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img,table{max-width:100%}img{height:auto}a{color:#1d4ed8;text-decoration:underline;cursor:text}pre{white-space:pre-wrap}';

function documentOf(styles: string, body: string): string {
  const sheet = styles === '' ? '' : `<style>${styles}</style>`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title></title><style>${OWN_STYLE}</style>${sheet}</head><body>${body}</body></html>`;
}
