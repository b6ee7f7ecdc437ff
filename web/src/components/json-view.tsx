import { CodeBlock } from './code-block.tsx';

/** A value as the API has it. */
export function JsonView({ value, label }: { value: unknown; label?: string }) {
  return <CodeBlock value={JSON.stringify(value, undefined, 2) ?? ''} label={label} />;
}
