import { WITH_CERTIFICATE } from '../actors/dialogue.ts';
import { unfoldedFields } from '../actors/head-fields.ts';
import type { LabLanguage } from '../lab.ts';
import { ENGLISH } from './en.ts';
import { FRENCH } from './fr.ts';
import { Page, type Screen } from './page.ts';
import { AS_FOUND, DOMAIN, type Part, PAYROLL, RULE, SCRIPT } from './script.ts';
import type { ActorResult, Stage } from './stage.ts';
import type { StepTexts, TourTexts } from './texts.ts';

export const TOUR_TEXTS: Readonly<Record<LabLanguage, TourTexts>> = { en: ENGLISH, fr: FRENCH };

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
    const connectors = new Set((await this.#stage.connectors()).map(({ name }) => name));
    for (const [index, { name, parts }] of SCRIPT.entries()) {
      const { labels } = this.#texts;
      const step: StepTexts<string> = steps[name];
      await this.#screen.pause(labels.enter, 'step');
      this.#page.heading(labels.step(index + 1, SCRIPT.length), step.title);
      this.#page.paragraph(step.before);
      this.#page.remark(labels.why, [step.why], 'cyan');
      await this.#screen.pause(labels.enter, 'step');
      let result: ActorResult | undefined;
      for (const part of parts) {
        if (part.ifConnector !== undefined && !connectors.has(part.ifConnector)) continue;
        result = await this.#show(part, step, result);
      }
      this.#page.remark(labels.remember, step.remember, 'yellow');
    }
  }

  async #show(
    part: Part,
    step: StepTexts<string>,
    before: ActorResult | undefined,
  ): Promise<ActorResult | undefined> {
    const { labels } = this.#texts;
    switch (part.kind) {
      case 'note':
        if (!part.ifTaken || before?.accepted) this.#page.paragraph(step.notes[part.note] ?? '');
        break;
      case 'facts':
        await this.#tenant();
        break;
      case 'senders':
        await this.#senders();
        break;
      case 'outlook':
        this.#outlook();
        break;
      case 'link':
        this.#page.facts([[labels.link, part.address]]);
        break;
      case 'record': {
        const record = await this.#stage.records(part.name, 'TXT');
        this.#page.facts([[labels.published(part.name), record.join(' ')]]);
        break;
      }
      case 'set':
        if (part.command !== undefined) {
          this.#page.line(labels.command);
          this.#page.quote('PS>', part.command, 'bold');
          this.#page.line();
        }
        await this.#stage.set(part.setting, part.value);
        break;
      case 'switch':
        await this.#stage.switchConnector(part.connector, part.enabled);
        break;
      case 'send': {
        const result = await this.#send(part, step);
        if (part.rest) await this.#screen.pause(labels.enter, 'detail');
        return result;
      }
    }
    return before;
  }

  async #tenant(): Promise<void> {
    const [settings, spf, dmarc, mx, connectors] = await Promise.all([
      this.#stage.settings(),
      this.#stage.records(DOMAIN, 'TXT'),
      this.#stage.records(`_dmarc.${DOMAIN}`, 'TXT'),
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

  async #senders(): Promise<void> {
    const { labels } = this.#texts;
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
  }

  #outlook(): void {
    const { commands, order, steps } = this.#texts;
    this.#page.line(steps.next.notes.lab);
    this.#page.facts(commands);
    this.#page.line(steps.next.notes.own);
    this.#page.numbered(order);
  }

  /** Lets an actor send, and shows the lines that count. */
  async #send(expected: Extract<Part, { kind: 'send' }>, step: StepTexts<string>): Promise<ActorResult> {
    const { labels, unexpected } = this.#texts;
    const result = await this.#stage.send(expected.actor, this.#options.language);
    const { address, hello } = result.client;
    this.#page.actor(
      result.actor,
      result.way === 'relay' ? labels.toRelay(hello) : labels.from(address, hello),
    );
    this.#dialogue(result);
    await this.#whereabouts(result);
    if (expected.fields === true && result.landedHead !== '') {
      if (expected.heading !== undefined) this.#page.paragraph(step.notes[expected.heading] ?? '');
      this.#fields(result);
    }
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
