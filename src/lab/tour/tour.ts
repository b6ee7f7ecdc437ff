import { LURE_LINK } from '../actors/attacks.ts';
import { WITH_CERTIFICATE } from '../actors/dialogue.ts';
import { unfoldedFields } from '../actors/head-fields.ts';
import type { LabLanguage } from '../lab.ts';
import { ENGLISH } from './en.ts';
import { FRENCH } from './fr.ts';
import { Page, type Screen } from './page.ts';
import type { ActorResult, Stage } from './stage.ts';
import type { StepTexts, TourTexts } from './texts.ts';

export const TOUR_TEXTS: Readonly<Record<LabLanguage, TourTexts>> = { en: ENGLISH, fr: FRENCH };

const RULE = 'RejectDirectSend';
const POLICY = 'DmarcPolicy';
const DOMAIN = 'contoso.test';
const POLICY_NAME = `_dmarc.${DOMAIN}`;
const PAYROLL = 'Payroll service';

/** How the tenant has to be set at the beginning, so that each step shows what it tells. */
const AS_FOUND: readonly (readonly [name: string, value: unknown])[] = [
  [RULE, false],
  [POLICY, 'none'],
  ['HonorDmarcPolicy', 'reject'],
  ['MxPointsToUs', true],
  ['OwnDomainSpoof', 'off'],
  ['DisplayNameSpoof', 'off'],
];

/** Fields of a delivered message in which the front door says what it found. */
const TELLING =
  /^(?:Authentication-Results|X-MS-Exchange-Organization-(?:AuthAs|MessageDirectionality|IsAnonymousDirectSend))$/i;

export interface TourOptions {
  language: LabLanguage;
  /** Wall time, milliseconds. */
  startedAt: number;
}

/**
 * Walks through Direct Send and what closes it, in nine steps, acting on the lab for real. Puts back what it changes in
 * the lab's settings, whether it comes to its end or not.
 */
export async function giveTour(stage: Stage, screen: Screen, options: TourOptions): Promise<void> {
  const texts = TOUR_TEXTS[options.language];
  const tour = new Tour(stage, screen, texts, options);
  const [before, connectors] = await Promise.all([stage.settings(), stage.connectors()]);
  const payroll = connectors.find(({ name }) => name === PAYROLL);
  try {
    for (const [name, value] of AS_FOUND) await stage.set(name, value);
    if (payroll && !payroll.enabled) await stage.switchConnector(PAYROLL, true);
    await tour.walk();
  } finally {
    for (const [name] of AS_FOUND) await stage.set(name, before.get(name));
    if (payroll) await stage.switchConnector(PAYROLL, payroll.enabled);
    screen.line(screen.style('dim', texts.labels.restored));
  }
}

class Tour {
  readonly #stage: Stage;
  readonly #screen: Screen;
  readonly #page: Page;
  readonly #texts: TourTexts;
  readonly #options: TourOptions;

  constructor(stage: Stage, screen: Screen, texts: TourTexts, options: TourOptions) {
    this.#stage = stage;
    this.#screen = screen;
    this.#page = new Page(screen);
    this.#texts = texts;
    this.#options = options;
  }

  async walk(): Promise<void> {
    const { steps, title, welcome } = this.#texts;
    this.#page.title(title);
    this.#page.paragraph(welcome);
    const shows: readonly (readonly [StepTexts<string>, () => Promise<void>])[] = [
      [steps.tenant, () => this.#tenant()],
      [steps.printer, () => this.#printer()],
      [steps.lure, () => this.#lure()],
      [steps.inventory, () => this.#inventory()],
      [steps.reject, () => this.#reject()],
      [steps.relay, () => this.#relay()],
      [steps.application, () => this.#application()],
      [steps.header, () => this.#header()],
      [steps.next, () => this.#next()],
    ];
    for (const [index, [step, show]] of shows.entries()) {
      const { labels } = this.#texts;
      await this.#screen.pause(labels.enter, 'step');
      this.#page.heading(labels.step(index + 1, shows.length), step.title);
      this.#page.paragraph(step.before);
      this.#page.remark(labels.why, [step.why], 'cyan');
      await this.#screen.pause(labels.enter, 'step');
      await show();
      this.#page.remark(labels.remember, step.remember, 'yellow');
    }
  }

  async #tenant(): Promise<void> {
    const [settings, spf, dmarc, mx, connectors] = await Promise.all([
      this.#stage.settings(),
      this.#stage.records(DOMAIN, 'TXT'),
      this.#stage.records(POLICY_NAME, 'TXT'),
      this.#stage.records(DOMAIN, 'MX'),
      this.#stage.connectors(),
    ]);
    this.#page.facts([
      [RULE, settings.get(RULE) === true ? 'True' : 'False'],
      ['MX', mx.join(' ')],
      ['SPF', spf.join(' ')],
      ['DMARC', dmarc.join(' ')],
      [
        this.#texts.labels.connectors,
        connectors
          .map(({ name, certificateName }) => (certificateName ? `${name} (${certificateName})` : name))
          .join(', '),
      ],
    ]);
  }

  async #printer(): Promise<void> {
    const result = await this.#send('printer-direct', { taken: true, fields: true });
    if (result.accepted) this.#page.paragraph(this.#texts.steps.printer.notes.spf);
  }

  async #lure(): Promise<void> {
    const { notes } = this.#texts.steps.lure;
    const result = await this.#send('voicemail-lure', { taken: true, fields: true });
    if (result.accepted) this.#page.paragraph(notes.verdict);
    this.#page.facts([[this.#texts.labels.link, LURE_LINK]]);
    this.#page.paragraph(notes.code);
  }

  async #inventory(): Promise<void> {
    const { labels, steps } = this.#texts;
    await this.#send('newsletter-bare', { taken: true });
    await this.#detail();
    await this.#send('forwarder', { taken: true });
    await this.#detail();
    this.#page.paragraph(steps.inventory.notes.list);
    const senders = await this.#stage.directSenders(this.#options.startedAt);
    const { address, name, sender, messages } = labels.table;
    this.#page.table(
      [address, name, sender, messages, 'DMARC'],
      senders.map((one) => [
        one.address,
        short(one.name ?? labels.noName),
        short(one.senders.join(' ')),
        String(one.messages),
        one.dmarc.join(' '),
      ]),
    );
    this.#page.paragraph(steps.inventory.notes.find);
  }

  async #reject(): Promise<void> {
    const { labels, steps } = this.#texts;
    this.#page.line(labels.command);
    this.#page.quote('PS>', `Set-OrganizationConfig -${RULE} $true`, 'bold');
    this.#page.line();
    await this.#stage.set(RULE, true);
    this.#page.paragraph(steps.reject.notes.again);
    for (const actor of ['voicemail-lure', 'printer-direct', 'newsletter-bare', 'forwarder']) {
      await this.#send(actor, { taken: false });
      await this.#detail();
    }
    this.#page.paragraph(steps.reject.notes.spared);
    await this.#send('newsletter', { taken: true });
  }

  async #relay(): Promise<void> {
    const { notes } = this.#texts.steps.relay;
    const result = await this.#send('printer-relay', { taken: true });
    if (result.landedHead === '') return;
    this.#page.paragraph(notes.signed);
    this.#fields(result);
  }

  async #application(): Promise<void> {
    const { notes } = this.#texts.steps.application;
    const connectors = await this.#stage.connectors();
    // somebody has removed it: a new one would be left behind
    if (!connectors.some(({ name }) => name === PAYROLL)) {
      await this.#send('application', { taken: true });
      return;
    }
    await this.#stage.switchConnector(PAYROLL, false);
    this.#page.paragraph(notes.off);
    await this.#send('application', { taken: false });
    await this.#detail();
    await this.#stage.switchConnector(PAYROLL, true);
    this.#page.paragraph(notes.on);
    await this.#send('application', { taken: true, fields: true });
  }

  async #header(): Promise<void> {
    const { labels, steps } = this.#texts;
    const { notes } = steps.header;
    const first = await this.#send('foreign-envelope', { taken: true, fields: true });
    if (first.accepted) this.#page.paragraph(notes.taken);
    await this.#detail();
    await this.#stage.set(POLICY, 'reject');
    this.#page.paragraph(notes.published);
    const record = await this.#stage.records(POLICY_NAME, 'TXT');
    this.#page.facts([[labels.published(POLICY_NAME), record.join(' ')]]);
    await this.#send('foreign-envelope', { taken: false });
    await this.#detail();
    this.#page.paragraph(notes.moved);
    await this.#send('printer-relay', { taken: true });
    await this.#detail();
    this.#page.paragraph(notes.lookalike);
    await this.#send('lookalike', { taken: true, fields: true });
  }

  async #next(): Promise<void> {
    const { commands, order, steps } = this.#texts;
    this.#page.line(steps.next.notes.lab);
    this.#page.facts(commands);
    this.#page.line(steps.next.notes.own);
    this.#page.numbered(order);
  }

  #detail(): Promise<void> {
    return this.#screen.pause(this.#texts.labels.enter, 'detail');
  }

  /**
   * Lets an actor send, and shows the lines that count.
   * @param expected.taken what the step tells; where it goes another way, that is said instead of passed over
   */
  async #send(actor: string, expected: { taken: boolean; fields?: boolean }): Promise<ActorResult> {
    const { labels, unexpected } = this.#texts;
    const result = await this.#stage.send(actor, this.#options.language);
    const { address, hello } = result.client;
    this.#page.actor(
      result.actor,
      result.way === 'relay' ? labels.toRelay(hello) : labels.from(address, hello),
    );
    this.#dialogue(result);
    await this.#whereabouts(result);
    if (expected.fields === true) this.#fields(result);
    if (result.landed.length > 0 !== expected.taken) {
      this.#page.quote('!', unexpected(result), 'red');
      this.#page.line();
    }
    return result;
  }

  #dialogue({ transcript, ...result }: ActorResult): void {
    const { labels } = this.#texts;
    for (const { by, text } of transcript) {
      if (by === 'client' && /^(?:MAIL|RCPT|AUTH|STARTTLS)/.test(text)) this.#page.quote('→', text);
      if (by === 'note' && text.startsWith('TLS'))
        this.#page.quote(' ', text.replace(WITH_CERTIFICATE, labels.certificate), 'dim');
    }
    this.#page.quote('→', labels.octets(result.octets));
    this.#page.quote('←', essence(result.reply), result.accepted ? 'green' : 'red');
  }

  async #whereabouts({ accepted, landed }: ActorResult): Promise<void> {
    const { labels } = this.#texts;
    if (landed.length === 0) {
      this.#page.quote('=', accepted ? labels.lost : labels.refused, accepted ? 'yellow' : 'red');
    }
    const people = landed.length > 0 ? await this.#stage.mailboxes() : [];
    for (const { mailbox, folder } of landed) {
      const name = people.find(({ address }) => address === mailbox)?.name ?? mailbox;
      this.#page.quote('=', labels.arrived(name, labels.folders[folder]), 'green');
    }
    this.#page.line();
  }

  #fields({ landed, landedHead }: ActorResult): void {
    if (landedHead === '') return;
    for (const { name, value } of unfoldedFields(landedHead))
      if (TELLING.test(name)) this.#page.field(`${name}:`, value);
    const { connector, none } = this.#texts.labels;
    this.#page.field(connector, landed[0]?.verdict.connector ?? none);
    this.#page.line();
  }
}

/** A reply without identifiers, times and names of servers, which only support asks for. */
function essence(reply: string): string {
  return reply
    .replaceAll(/ \[[^\]]* \d{4}-\d\d-\d\dT[^\]]*\]/g, '')
    .replace(/^(250 2\.6\.0) .* (Queued mail for delivery)$/, '$1 … $2');
}

/** Fits into a column of the table. */
function short(text: string): string {
  return text.length > 26 ? `${text.slice(0, 25)}…` : text;
}
