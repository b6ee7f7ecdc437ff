import type { Outcome } from '../lab/actors/actor.ts';
import type { DirectSender } from '../lab/inventory.ts';
import type { LabLanguage } from '../lab/lab.ts';
import type { ActorResult, Stage } from '../lab/tour/stage.ts';
import type { ApiClient } from './connection.ts';

/** A running lab, through its API. */
export class LabStage implements Stage {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  send(actor: string, language: LabLanguage): Promise<ActorResult> {
    return this.#api.send<Outcome>('POST', `/lab/actors/${encodeURIComponent(actor)}/send`, { language });
  }

  async settings(): Promise<ReadonlyMap<string, unknown>> {
    const { items } = await this.#api.get<{ items: { name: string; value: unknown }[] }>('/lab/settings');
    return new Map(items.map(({ name, value }) => [name, value]));
  }

  async set(name: string, value: unknown): Promise<void> {
    await this.#api.send('PATCH', '/lab/settings', { [name]: value });
  }

  async connectors(): Promise<{ name: string; enabled: boolean; certificateName?: string }[]> {
    type Connector = { name: string; enabled: boolean; certificateName?: string };
    return (await this.#api.get<{ items: Connector[] }>('/lab/connectors')).items;
  }

  async switchConnector(name: string, enabled: boolean): Promise<void> {
    await this.#api.send('PUT', `/lab/connectors/${encodeURIComponent(name)}`, { enabled });
  }

  async records(name: string, type: 'TXT' | 'MX'): Promise<string[]> {
    return (await this.#api.get<{ values: string[] }>(`/lab/dns/${encodeURIComponent(name)}/${type}`)).values;
  }

  async mailboxes(): Promise<{ address: string; name: string }[]> {
    return (await this.#api.get<{ items: { address: string; name: string }[] }>('/lab/mailboxes')).items;
  }

  async directSenders(since: number): Promise<DirectSender[]> {
    return (await this.#api.get<{ items: DirectSender[] }>('/lab/direct-senders', { since })).items;
  }
}
