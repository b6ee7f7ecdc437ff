import type { AnswerSource } from '../answer.ts';

const DAY = 86_400_000;

/** The facts of some time only. What has no time counts: nobody can say that it was not then. */
export function inPeriod(source: AnswerSource, from = -Infinity, to = Infinity): AnswerSource {
  if (from === -Infinity && to === Infinity) return source;
  return {
    async *scan() {
      for await (const fact of source.scan()) {
        const { at } = fact.told;
        if (at === undefined || (at >= from && at < to)) yield fact;
      }
    },
    async tallies() {
      return (await source.tallies()).filter(({ day }) => (day + 1) * DAY > from && day * DAY < to);
    },
    sentBefore: (messages) => source.sentBefore(messages),
    foreignSamples: () => source.foreignSamples(),
  };
}
