/** Addresses and parameters of MAIL and RCPT, xtext, and what is made of them for the next server. */
import { NO_TRAITS } from '../../../src/message/content.ts';
import { planEnvelope } from '../../../src/smtp/client/envelope-commands.ts';
import { parseExtensions } from '../../../src/smtp/client/extensions.ts';
import { parseCommand } from '../../../src/smtp/server/command.ts';
import { readMail, readRecipient, type Terms } from '../../../src/smtp/server/mail-arguments.ts';
import { parseParameters } from '../../../src/smtp/syntax/parameters.ts';
import { parsePath } from '../../../src/smtp/syntax/path.ts';
import { decodeXtext, encodeXtext } from '../../../src/smtp/syntax/xtext.ts';
import { must, show, type Target } from '../target.ts';
import { SMTP_WORDS } from '../smtp/words.ts';

const ARGUMENTS = [
  'FROM:<a@corp.example>',
  'FROM:<>',
  'FROM: <a@corp.example> SIZE=1000 BODY=8BITMIME',
  'FROM:<@a.example,@b.example:user@corp.example> RET=FULL ENVID=QQ314159',
  'FROM:<"a b"@corp.example> SMTPUTF8 AUTH=e+3Dmc2@example.com',
  'FROM:<"a\\"\\\\b"@[192.0.2.1]>',
  'FROM:<\xc3\xa9@\xc3\xa9.example> SMTPUTF8 REQUIRETLS',
  'TO:<b@corp.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+40corp.example',
  'TO:<Postmaster>',
  'TO:<a@[IPv6:2001:db8::1]>',
  'TO:<x@xn--bcher-kva.example> NOTIFY=NEVER',
  'TO:<a.b.c_d+e@sub-domain.corp.example> ORCPT=utf-8;\xc3\xa9@x',
  'TO:<a..b@c>',
];

const TERMS: Terms = {
  extended: true,
  encrypted: true,
  messageBytes: 1_000_000,
  postmaster: (local) => `${local}@mail.test`,
};
const EVERYTHING = parseExtensions({
  code: 250,
  lines: ['x', 'SMTPUTF8', 'DSN', 'REQUIRETLS', 'SIZE', '8BITMIME'],
});

const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

export const syntaxTarget: Target = {
  name: 'address syntax',
  weight: 10,
  seeds: ARGUMENTS.map((text) => Buffer.from(text, 'latin1')),
  words: SMTP_WORDS,
  run(input) {
    const text = input.toString('utf8');
    checkXtext(text);
    const shapes = [checkPath(text.replace(/^[^<]*/, ''))];
    const parameters = parseParameters(text.slice(text.indexOf('>') + 1));
    shapes.push(typeof parameters === 'string' ? parameters.slice(0, 20) : String(parameters.size));
    // as the session does: what is no legible line does not get here
    const command = parseCommand(input);
    if (typeof command !== 'string') shapes.push(checkEnvelope(`${command.verb} ${command.argument}`));
    return shapes.join();
  },
};

function checkPath(text: string): string {
  const parsed = parsePath(text);
  if ('fault' in parsed) return parsed.fault;
  const { path } = parsed;
  if (path.address === '') return 'null';
  must(!CONTROL.test(path.address), () => `a control character in ${show(path.address)}`);
  const formatted = `<${path.address}>`;
  const again = parsePath(formatted);
  must(
    'path' in again &&
      again.path.address === path.address &&
      again.path.local === path.local &&
      again.path.domain === path.domain &&
      again.rest === '',
    () =>
      `${show(text)} is ${show(JSON.stringify(path))}, and ${formatted} is ${show(JSON.stringify(again))}`,
  );
  return `${path.routed}${path.utf8}${path.domain.startsWith('[')}${path.address.startsWith('"')}`;
}

function checkXtext(text: string): void {
  const decoded = decodeXtext(text);
  if (decoded !== undefined)
    must(!/[\0-\x08\x0a-\x1f\x7f-\x9f]/.test(decoded), () => `xtext ${show(text)} became ${show(decoded)}`);
  const plain = text.toWellFormed();
  const back = decodeXtext(encodeXtext(plain));
  must(back === undefined || back === plain, () => `${show(plain)} came back as ${show(back ?? '')}`);
}

/** What is accepted can be said to a server that offers everything, on one line, and is read there as the same. */
function checkEnvelope(argument: string): string {
  const mail = readMail(argument, TERMS);
  const recipient = readRecipient(argument, true, TERMS);
  if ('code' in mail && 'code' in recipient)
    return `${mail.explanation?.slice(0, 30)}${recipient.explanation?.slice(0, 30)}`;
  const envelope =
    'code' in mail
      ? { from: '', smtpUtf8: true, body: '7bit' as const, requireTls: false }
      : { from: mail.from, ...mail.envelope };
  const recipients = 'code' in recipient ? [{ address: 'b@corp.example' }] : [recipient];
  const content = {
    head: Buffer.alloc(0),
    body: { kind: 'memory' as const, bytes: Buffer.alloc(0) },
    traits: NO_TRAITS,
  };
  const plan = planEnvelope({ envelope, recipients, content, finish: () => undefined }, EVERYTHING);
  must(
    plan.recipients.length === 1,
    () => `accepted, and can not be sent: ${show(JSON.stringify([argument, plan.results]), 500)}`,
  );
  const command = plan.recipients[0]?.command ?? '';
  must(!CONTROL.test(plan.mail + command), () => `a control character in ${show(plan.mail + command)}`);
  const mailAgain = readMail(plan.mail.slice(5), TERMS);
  must(
    !('code' in mailAgain) && mailAgain.from === envelope.from,
    () => `${show(plan.mail)} is not understood: ${show(JSON.stringify(mailAgain))}`,
  );
  must(mailAgain.envelope.envelopeId === envelope.envelopeId, () => `ENVID changed: ${show(plan.mail)}`);
  const again = readRecipient(command.slice(5), envelope.smtpUtf8, TERMS);
  if (!envelope.smtpUtf8 && /[^\0-\x7f]/.test(command)) return 'utf8';
  must(
    !('code' in again) && again.address === recipients[0]?.address,
    () => `${show(command)} is not understood: ${show(JSON.stringify(again))}`,
  );
  return `${Object.keys(envelope).join()}${Object.keys(again).join()}`;
}
