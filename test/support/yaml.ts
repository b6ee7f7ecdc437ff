import { parseAllDocuments } from 'yaml';

/**
 * The documents of a YAML file of test cases. Where a mapping has a key twice the last one counts, as the tools for
 * which the files were written read them.
 * @throws when the text is not YAML.
 */
export function readYaml<T>(text: string): T[] {
  return parseAllDocuments(text, { uniqueKeys: false }).map((document) => {
    const [problem] = document.errors;
    if (problem) throw problem;
    return document.toJS() as T;
  });
}
