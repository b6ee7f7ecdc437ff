import type { Wording } from './notice-text.ts';

const FROM =
  'It sent as an address that it may not use. Either the sender address in its settings is wrong, or the address is new and has to be allowed.';
const FROM_TODO =
  'Look at the sender ("From") address in its settings. If it is right, ask for it to be allowed.';
const RATE = 'It sent more than it may in this time.';
const RATE_TODO =
  'Find out whether so much is normal. If it is, ask for a higher limit; if not, switch it off, as somebody may be misusing it.';
const FORM = 'The message was not built as mail must be, so that programs could read it in different ways.';
const FORM_TODO = 'Update it, or tell its maker; the exact reason stands in the journal of the relay.';

/** For the owner of a device, who knows the device but not the mail. */
export const ENGLISH: Wording = {
  locale: 'en-GB',
  subjectOne: (source) => `Mail of ${source} is refused`,
  subjectMany: (count) => `Mail of ${count} of your devices is refused`,
  greeting: 'Hello,',
  intro:
    'you are named as the person who answers for what is listed here. Its mail was refused by the mail relay, and did not reach anybody.',
  times: (count, first, last) =>
    count === 1 ? `Once, on ${last}` : `${count} times, between ${first} and ${last}`,
  from: (network) => `from the address ${network}`,
  answer: (text) => `Its display or log may show: ${text}`,
  what: {
    T201: 'It tried to send without encryption, which is not allowed here.',
    T203: 'It tried to send its password without encryption, which is not allowed here.',
    T204: 'It and the relay found no encryption that both accept.',
    A301: 'It could not prove who it is: the password is wrong or has expired, or it came from another network than it should.',
    A302: 'It did not say who it is.',
    A303: 'It tried to sign in with a wrong password too often, and was locked out for a while.',
    S401: FROM,
    S402: FROM,
    S403: 'Its messages name several senders.',
    S404: 'Its messages name no sender, or more than one.',
    S405: 'The sender of its messages can not be read without doubt.',
    S406: FROM,
    S407: 'It sent without a sender address.',
    R501: 'It wrote to a recipient to whom it may not write.',
    R503: 'It wrote to a recipient without a domain (the part after the @).',
    R504: 'It wrote to an address of a form that is not allowed.',
    R505: 'Its message had no recipient left that it may write to.',
    M601: 'Its message was too big.',
    M602: FORM,
    M603: FORM,
    M604: FORM,
    M605: 'Its messages lack something that every mail must have.',
    M607: FORM,
    M608: FORM,
    M610: FORM,
    L701: RATE,
    L702: RATE,
    L703: RATE,
    L704: RATE,
    L705: 'It held more connections at the same time than it may.',
    K802: 'It has been stopped by an administrator.',
    X904: 'Mail from this sender domain can not be signed here, and is refused for that reason.',
  },
  whatElse: 'The relay did not accept it; the exact reason stands in its journal.',
  todo: {
    T201: 'Switch TLS or STARTTLS on in its mail settings.',
    T203: 'Switch TLS or STARTTLS on in its mail settings.',
    T204: 'Update it. If there is no update, ask the administrator whether an exception is possible.',
    A301: 'Check account and password in its mail settings; if they are right, ask for a new password. If it was not your device that tried, tell the administrator.',
    A302: 'Enter account and password in its mail settings.',
    A303: 'Correct the password in its mail settings, and wait a quarter of an hour. If it was not your device that tried, tell the administrator.',
    S401: FROM_TODO,
    S402: FROM_TODO,
    S404: 'Enter one sender ("From") address in its settings.',
    S406: FROM_TODO,
    S407: 'Enter a sender ("From") address in its settings.',
    R501: 'Check the recipient in its address book. If it is right, ask for it to be allowed.',
    R503: 'Write the whole address (name@example.com) into its address book.',
    M601: 'Lower the resolution of scans or split the message; or ask for a higher limit.',
    M602: FORM_TODO,
    M603: FORM_TODO,
    M604: FORM_TODO,
    M605: 'Ask the administrator to let the relay add what is missing.',
    M607: FORM_TODO,
    M608: FORM_TODO,
    M610: FORM_TODO,
    L701: RATE_TODO,
    L702: RATE_TODO,
    L703: RATE_TODO,
    L704: RATE_TODO,
    K802: 'Ask the administrator why.',
  },
  todoElse: 'Show this mail to the administrator.',
  facts: {
    envelope: (value) => `sender (envelope): ${value === '' ? '(none)' : value}`,
    header: (value) => `sender (From): ${value}`,
    recipient: (value) => `recipient: ${value}`,
    size: (value) => `size in octets: ${value}`,
  },
  administrator: (command) => `For the administrator: ${command}`,
  more: (count) => `... and ${count} more of the kind.`,
  closing: (everyHours, contact) =>
    `Of the same you are told again after ${everyHours} hours at the earliest, with a count.\nQuestions: ${contact}`,
};
