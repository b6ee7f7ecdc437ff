/**
 * The page behind a hand-over link, for people without an account here. To look at it reveals nothing and uses nothing
 * up, because mail filters open links before people do; the button does.
 */
import { z } from 'zod';
import type { FastifyReply } from 'fastify';
import type { Handover } from '../sources/credential-handovers.ts';
import type { ApiContext } from './context.ts';
import type { Api } from './scope.ts';

const FORM_BYTES = 1024;
const parameters = z.object({ token: z.string().max(100) });
const form = z.object({ pin: z.string().max(20).optional() });

export function handoverPages(api: Api, context: ApiContext): void {
  const { handovers } = context.credentials;
  api.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  api.get(
    '/handover/:token',
    { config: { open: true }, schema: { hide: true, params: parameters } },
    async (request, reply) => {
      const found = await handovers.open(request.params.token, request.ip);
      if (!found) return unknown(reply);
      if (found.state !== 'waiting') return over(reply, found);
      return show(reply, 200, 'A password for you', askPage(found));
    },
  );

  api.post(
    '/handover/:token',
    { config: { open: true }, schema: { hide: true, params: parameters, body: form.nullish() } },
    async (request, reply) => {
      const pin = request.body?.pin?.replaceAll(/\s/g, '');
      const revealed = await handovers.reveal(request.params.token, pin, request.ip);
      if (revealed.kind === 'unknown') return unknown(reply);
      if (revealed.kind === 'over') return over(reply, revealed.handover);
      if (revealed.kind === 'wrong-pin') {
        const left = revealed.left === 1 ? 'one try is left' : `${revealed.left} tries are left`;
        return show(reply, 403, 'Wrong PIN', `<p>The PIN is wrong; ${left}.</p>${pinForm(true)}`);
      }
      const { kind, account, secret } = revealed.secret;
      const rows: [string, string | undefined][] = [
        ['Server', context.status().hostname],
        ['Account', account],
        [kind === 'password' ? 'Password' : 'API key', secret],
      ];
      const list = rows
        .filter((row): row is [string, string] => row[1] !== undefined)
        .map(([name, value]) => `<dt>${name}</dt><dd><code>${escaped(value)}</code></dd>`);
      return show(
        reply,
        200,
        'Copy it now',
        `<dl>${list.join('')}</dl><p>It is shown this once, and no longer kept here in a form that can be read.</p>`,
      );
    },
  );
}

function askPage({ hasPin, expiresAt }: Handover): string {
  return `<p>Behind this button is a secret for a device or an application. It is shown <strong>once</strong>: press it
when you are ready to copy it, at the latest ${escaped(utc(expiresAt))}.</p>${pinForm(hasPin)}`;
}

function pinForm(hasPin: boolean): string {
  const field = hasPin
    ? '<p><label>PIN, which you were told by another way <input name="pin" inputmode="numeric" autocomplete="off" required maxlength="20"></label></p>'
    : '';
  return `<form method="post">${field}<button>Show it</button></form>`;
}

function unknown(reply: FastifyReply): FastifyReply {
  return show(reply, 404, 'No such link', '<p>Look whether it was copied whole, or ask for a new one.</p>');
}

/** Whoever holds the link may know what became of it: that somebody else was faster is the point of it. */
function over(reply: FastifyReply, { state, endedAt = 0, endedFrom }: Handover): FastifyReply {
  const from = endedFrom ? ` from ${escaped(endedFrom)}` : '';
  const words = {
    waiting: '',
    fetched: `The secret was fetched ${utc(endedAt)}${from}. If that was not you, tell your administrator now: somebody else has it.`,
    expired: 'Its time is over and the secret was destroyed. Ask for a new link.',
    withdrawn: 'It was withdrawn and the secret was destroyed. Ask for a new link.',
    locked: 'There were too many wrong PINs, and the secret was destroyed. Ask for a new link.',
  }[state];
  return show(reply, 410, 'This link was used or has ended', `<p>${words}</p>`);
}

function show(reply: FastifyReply, status: number, title: string, body: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      // the address is the key: no other site may learn it
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    })
    .send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem;color:#1b1f24}
button{font:inherit;padding:.5rem 1.2rem}input{font:inherit;width:8rem}
dt{color:#57606a;margin-top:.8rem}dd{margin:0}code{font-size:1.15rem;user-select:all;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e8ea}dt{color:#9aa3ad}}
</style></head><body><h1>${title}</h1>${body}</body></html>
`);
}

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
