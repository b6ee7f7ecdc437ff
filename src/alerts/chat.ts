import type { Clock } from '../platform/clock.ts';
import { facts, headline, type Notice, plainLine, type Severity } from './alert.ts';
import type { Sender, SettingsOf } from './channel.ts';
import { post } from './http-post.ts';
import type { Outside } from './outside.ts';

const COLOURS: Record<Severity, string> = { info: 'Accent', warning: 'Warning', critical: 'Attention' };

/** Text from outside without what Adaptive Cards read as Markdown: a reply must not become a link. */
const withoutMarkdown = (text: string): string => text.replace(/[\\`*_[\]()<>#~|]/g, '\\$&');

/** The message that the "When a Teams webhook request is received" trigger of a workflow posts as a card. */
function teamsBody(notice: Notice): string {
  const { alert } = notice;
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            {
              type: 'TextBlock',
              text: withoutMarkdown(plainLine(headline(notice), 300)),
              weight: 'Bolder',
              size: 'Medium',
              color: COLOURS[alert.severity],
              wrap: true,
            },
            { type: 'TextBlock', text: withoutMarkdown(alert.text), wrap: true },
            {
              type: 'FactSet',
              facts: facts(notice).map(([title, value]) => ({ title, value: withoutMarkdown(value) })),
            },
          ],
        },
      },
    ],
  });
}

/** Slack's own escapes; there are no others. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A message of Block Kit; `text` is what notifications and screen readers get. */
function slackBody(notice: Notice): string {
  const title = plainLine(headline(notice), 150);
  return JSON.stringify({
    text: escaped(`${title}: ${notice.alert.text}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
      {
        type: 'section',
        text: { type: 'plain_text', text: notice.alert.text || title, emoji: false },
        // Slack takes ten fields at most
        fields: facts(notice)
          .slice(0, 10)
          .map(([name, value]) => ({
            type: 'plain_text',
            text: plainLine(`${name}: ${value}`, 300),
            emoji: false,
          })),
      },
    ],
  });
}

/** Posts to an incoming webhook of Microsoft Teams (Workflows) or Slack; its address is the secret. */
export function chatSender(
  settings: SettingsOf<'teams'> | SettingsOf<'slack'>,
  outside: Outside,
  clock: Clock,
): Sender {
  const { url, allowPrivate, ca } = settings;
  const bodyOf = settings.kind === 'teams' ? teamsBody : slackBody;
  return {
    async send(notice) {
      const headers = { 'content-type': 'application/json', 'user-agent': 'Postern' };
      await post({ url, headers, body: bodyOf(notice), allowPrivate, ca }, outside, clock.now());
    },
    close() {},
  };
}
