import type { AnswerOf } from '../../api/client.ts';

export type Configuration = AnswerOf<'/configuration', 'get'>;
export type ConfigurationFile = Configuration['file'];
export type Setting = Configuration['settings'][number];
export type Change = Configuration['restart']['changes'][number];
export type Assessment = AnswerOf<'/configuration/check', 'post'>;
export type Problem = Assessment['problems'][number];
export type Policy = AnswerOf<'/default-policy', 'get'>;
