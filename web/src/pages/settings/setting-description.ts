interface JsonNode {
  description?: string;
  properties?: Record<string, JsonNode>;
  items?: JsonNode;
  anyOf?: JsonNode[];
  oneOf?: JsonNode[];
  additionalProperties?: JsonNode | boolean;
}

/** What the schema says of a field such as `limits.connections` or `listener[2].tls`; empty when it says nothing. */
export function descriptionOf(schema: unknown, field: string): string {
  let node: JsonNode | undefined = schema as JsonNode;
  for (const part of field.split(/[.[\]]+/).filter((one) => one !== '')) {
    node = node && step(node, part);
  }
  return node?.description ?? '';
}

function step(node: JsonNode, part: string): JsonNode | undefined {
  if (/^\d+$/.test(part) && node.items) return node.items;
  const found = node.properties?.[part];
  if (found) return found;
  if (typeof node.additionalProperties === 'object') return node.additionalProperties;
  for (const one of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) {
    const inner = step(one, part);
    if (inner) return inner;
  }
  return undefined;
}
